package org.sluice.cluster.preflight;

import java.io.Serializable;

/**
 * A process of the cluster.
 *
 * @param executor Spark's name of the executor, {@code driver} for the driver
 * @param host where it runs
 */
public record Place(String executor, String host) implements Serializable {
    /** Spark's own name of the driver. */
    private static final String DRIVER = "driver";

    /** The driver on its host. */
    public static Place driver(String host) {
        return new Place(DRIVER, host);
    }

    @Override
    public String toString() {
        return (executor.equals(DRIVER) ? "the driver" : "executor " + executor) + " on " + host;
    }
}
