package org.sluice.jobs.spark;

import java.util.Map;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jline.utils.Signals;

/**
 * Keeps executors alive at ctrl-C. A terminal sends it to all processes of the command, executors of {@code local-cluster} among them;
 * it is the driver that stops them, once the round is done.
 */
public final class InterruptShield implements SparkPlugin {
    @Override
    public DriverPlugin driverPlugin() {
        return null;
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorPlugin() {
            @Override
            public void init(PluginContext context, Map<String, String> extraConf) {
                boolean ownProcess = !context.executorID().equals("driver");
                if (ownProcess) {
                    Signals.register("INT", () -> {});
                }
            }
        };
    }
}
