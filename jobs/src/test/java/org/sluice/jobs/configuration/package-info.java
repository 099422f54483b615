/** The folders of {@code cluster-conf}: what their scripts do, and what Spark and Kubernetes make of them. */
package org.sluice.jobs.configuration;
