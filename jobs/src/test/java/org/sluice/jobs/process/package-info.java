/** Tests with real processes: the launcher, the finished jar, Spark's own daemons. */
package org.sluice.jobs.process;
