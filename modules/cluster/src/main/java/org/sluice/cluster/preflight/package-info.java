/**
 * What is looked at on every executor and the driver before the first round, so that a training that cannot work is refused in seconds, with the
 * host, the value, what was expected and the cure.
 *
 * <p>A {@link org.sluice.cluster.preflight.ProcessReport} is what a process found out about itself; it is collected by
 * {@link org.sluice.cluster.preflight.ProcessInspection} and judged on the driver by the checks, which are pure functions of an
 * {@link org.sluice.cluster.preflight.Inspection}.
 */
package org.sluice.cluster.preflight;
