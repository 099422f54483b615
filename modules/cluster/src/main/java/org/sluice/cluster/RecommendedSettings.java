package org.sluice.cluster;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.api.plugin.SparkPlugin;
import org.sluice.cluster.watch.SluicePlugin;

/** The Spark settings that training wants, for whoever builds the session. What the user has set stays as it is. */
public final class RecommendedSettings {
    private static final String PLUGINS = "spark.plugins";
    private static final Map<String, String> SETTINGS = settings();

    private RecommendedSettings() {}

    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        // Parameters are noise to a compressor: it costs time and saves nothing.
        settings.put("spark.shuffle.compress", "false");
        settings.put("spark.shuffle.spill.compress", "false");
        // A second copy of a task finds the worker's state in use or in another executor; it can only fail.
        settings.put("spark.speculation", "false");
        // Spark looks at checksums only when a block cannot be read, and any bytes can be read as parameters.
        settings.put("spark.shuffle.checksum.enabled", "false");
        // Otherwise Spark writes a file for each partition, and then copies them all into one.
        settings.put("spark.shuffle.sort.bypassMergeThreshold", "0");
        // Slices are arrays of 4 MiB. In a region of 16 no array is too large to be allocated as any other object is,
        // and memory of large pages
        // is touched for the first time 512 times less often: together they make an exchange twice as fast.
        settings.put("spark.executor.defaultJavaOptions", "-XX:+UseTransparentHugePages -XX:G1HeapRegionSize=16m");
        // The backend spreads its work over the cores that it is given; OpenMP beside it would take them twice.
        settings.put("spark.executorEnv.OMP_NUM_THREADS", "1");
        // The driver's web page has the metrics as Prometheus reads them, beside what metrics.properties may name.
        settings.put(
                "spark.metrics.conf.driver.sink.prometheusServlet.class",
                "org.apache.spark.metrics.sink.PrometheusServlet");
        settings.put("spark.metrics.conf.driver.sink.prometheusServlet.path", "/metrics/prometheus");
        return Collections.unmodifiableMap(settings);
    }

    /** The settings by name, in a fixed order. */
    public static Map<String, String> all() {
        return SETTINGS;
    }

    /** Adds each setting that is not set yet, and the plugin by which a training can be watched. */
    public static SparkConf applyTo(SparkConf conf) {
        SETTINGS.forEach(conf::setIfMissing);
        return addPlugin(conf, SluicePlugin.class);
    }

    /** Adds a plugin to those of the user, if it is not among them. */
    public static SparkConf addPlugin(SparkConf conf, Class<? extends SparkPlugin> plugin) {
        Set<String> plugins = new LinkedHashSet<>(List.of(conf.get(PLUGINS, "").split("[,\\s]+", -1)));
        plugins.remove("");
        plugins.add(plugin.getName());
        return conf.set(PLUGINS, String.join(",", plugins));
    }
}
