/** The Spark session of a command. */
package org.sluice.jobs.spark;
