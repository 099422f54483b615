package org.sluice.cluster.watch;

import com.codahale.metrics.Gauge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;

/** Sends heartbeats of the workers that live in this executor. */
final class ExecutorSide implements ExecutorPlugin {
    /** Where everything is in one process, driver and executor have one registry. */
    private static final String PREFIX = "executor.";

    private ScheduledExecutorService clock;

    @Override
    public void init(PluginContext context, Map<String, String> fromDriver) {
        for (WorkerMetric metric : WorkerMetric.values()) {
            context.metricRegistry()
                    .register(PREFIX + metric.key(), (Gauge<Double>) () -> metric.of(heartbeats(context)));
        }
        context.metricRegistry().register(PREFIX + "stepMillis", WorkerActivities.stepMillis());
        clock = Daemons.every(
                Long.parseLong(fromDriver.get(SluicePlugin.INTERVAL)), "sluice-heartbeat", () -> send(context));
    }

    private static void send(PluginContext context) {
        for (Heartbeat heartbeat : heartbeats(context)) {
            try {
                context.send(heartbeat);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }

    /** The context of an executor knows no host: it asks for the address of a server, which an executor is not. */
    private static List<Heartbeat> heartbeats(PluginContext context) {
        return WorkerActivities.heartbeats(
                context.executorID(),
                SparkEnv.get().blockManager().blockManagerId().host());
    }

    @Override
    public void shutdown() {
        clock.shutdownNow();
    }
}
