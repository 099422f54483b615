/** Whole trainings in seconds: the driver's own code with computation replaced by its duration and faults by a schedule. */
package org.sluice.cluster.simulation;
