package org.sluice.cluster.simulation;

/** The simulated driver is gone, in the middle of whatever it did. */
final class SimulatedDriverDeath extends RuntimeException {
    private static final long serialVersionUID = 1;
}
