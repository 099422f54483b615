package org.sluice.cluster.watch;

import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Lets a training be watched: executors send heartbeats of their workers to the driver, and both have metrics in Spark's metrics system. It is
 * one of the {@code spark.plugins} that {@link org.sluice.cluster.RecommendedSettings} adds.
 */
public final class SluicePlugin implements SparkPlugin {
    /** How often executors send a heartbeat of each worker. */
    static final String INTERVAL = "spark.sluice.heartbeatInterval";

    static final String DEFAULT_INTERVAL = "5s";

    @Override
    public DriverPlugin driverPlugin() {
        return new DriverSide();
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorSide();
    }
}
