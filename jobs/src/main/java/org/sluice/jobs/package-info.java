/** The command line: {@link org.sluice.jobs.Sluice} is what spark-submit starts. */
package org.sluice.jobs;
