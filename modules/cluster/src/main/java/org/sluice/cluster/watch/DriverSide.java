package org.sluice.cluster.watch;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;

/** Takes heartbeats, and says whose stopped. */
final class DriverSide implements DriverPlugin {
    private RunWatch watch;
    private ScheduledExecutorService clock;

    @Override
    public Map<String, String> init(SparkContext session, PluginContext context) {
        long millis = session.conf().getTimeAsMs(SluicePlugin.INTERVAL, SluicePlugin.DEFAULT_INTERVAL);
        if (millis < 1) {
            throw new IllegalArgumentException(
                    SluicePlugin.INTERVAL + " is " + session.conf().get(SluicePlugin.INTERVAL)
                            + "; it must be a time above 0, such as " + SluicePlugin.DEFAULT_INTERVAL);
        }
        watch = new RunWatch(Duration.ofMillis(millis), context.metricRegistry());
        watch.open(session);
        clock = Daemons.every(millis, "sluice-watch", watch::tell);
        return Map.of(SluicePlugin.INTERVAL, Long.toString(millis));
    }

    @Override
    public Object receive(Object message) {
        watch.heard((Heartbeat) message);
        return null;
    }

    @Override
    public void shutdown() {
        if (watch != null) {
            clock.shutdownNow();
            watch.close();
        }
    }
}
