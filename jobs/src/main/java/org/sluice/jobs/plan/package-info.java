/** Plans as people and as programs read them. */
package org.sluice.jobs.plan;
