package org.sluice.jobs.spark;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.sluice.cluster.RecommendedSettings;

/** Starts Spark with the settings that Sluice needs; what spark-submit or spark-defaults.conf say stays as it is. */
public final class SparkSessions {
    private static final Map<String, String> SETTINGS = Map.of(
            // Outside the Java heap an executor may take what it needs: the replicas' memory is planned, not limited by
            // the heap's size.
            "spark.executor.extraJavaOptions",
                    "-Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0",
            "spark.executor.memory", "2g",
            // Sluice shows its own progress.
            "spark.ui.showConsoleProgress", "false");

    private SparkSessions() {}

    /** Starts Spark for a run, or a command, of that name. */
    public static SparkSession start(String name) {
        SparkConf conf = new SparkConf();
        SETTINGS.forEach(conf::setIfMissing);
        conf.setIfMissing("spark.master", "local[*]");
        RecommendedSettings.applyTo(conf);
        RecommendedSettings.addPlugin(conf, InterruptShield.class);
        return SparkSession.builder().config(conf).appName("sluice " + name).getOrCreate();
    }
}
