package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Real Spark for tests: in this JVM, or with executors in JVMs of their own. */
final class SparkSessions {
    /** For JVMs that live for seconds: the second compiler and a concurrent collector would take more of the processor than the work. */
    static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private SparkSessions() {}

    /** Workers share this JVM. */
    static JavaSparkContext local(int cores) {
        return start("local[" + cores + "]", Map.of());
    }

    /** Each executor is a JVM of its own, that starts fast rather than that it computes fast. */
    static JavaSparkContext localCluster(int executors, int cores, int memoryMebibytes) {
        Map<String, String> settings = Map.of("spark.executor.defaultJavaOptions", String.join(" ", SHORT_LIVED));
        return localCluster(executors, cores, memoryMebibytes, settings);
    }

    /** Each executor is a JVM of its own, as in production, with settings beyond the usual. */
    static JavaSparkContext localCluster(
            int executors, int cores, int memoryMebibytes, Map<String, String> moreSettings) {
        linkJars();
        JavaSparkContext context = start(
                "local-cluster[" + executors + "," + cores + "," + memoryMebibytes + "]",
                executors(memoryMebibytes, moreSettings));
        assertThat(new ExecutorRoster(context, Set::of).await(executors * cores, Set.of()))
                .as("executors that came up")
                .hasSize(executors);
        return context;
    }

    /** A place for each of some workers. */
    static List<WorkerPlacement> places(JavaSparkContext context, int workers) {
        WorkerPlaces places = new WorkerPlaces();
        places.fill(new ExecutorRoster(context, Set::of).await(workers, Set.of()), workers, workers);
        return places.all();
    }

    /** The settings of executors in JVMs of their own, and others. */
    static Map<String, String> executors(int memoryMebibytes, Map<String, String> others) {
        Map<String, String> settings = new HashMap<>(others);
        settings.put("spark.executor.memory", memoryMebibytes + "m");
        settings.put("spark.executor.extraClassPath", System.getProperty("java.class.path"));
        // However busy the machine is: the tests are about all executors.
        settings.put("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s");
        settings.put("spark.executor.heartbeatInterval", "2s");
        return settings;
    }

    static JavaSparkContext start(String master, Map<String, String> settings) {
        SparkConf conf = new SparkConf(false)
                .setMaster(master)
                .setAppName("sluice-test")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "localhost");
        settings.forEach(conf::set);
        return new JavaSparkContext(RecommendedSettings.applyTo(conf));
    }

    /** Fills the folder in which JVMs of their own look for Spark. */
    static void linkJars() {
        linkJars(Path.of(System.getenv("SPARK_HOME"), "jars"));
    }

    private static void linkJars(Path folder) {
        try {
            Files.createDirectories(folder);
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path jar = Path.of(entry);
                if (entry.endsWith(".jar")) {
                    link(folder.resolve(jar.getFileName()), jar);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void link(Path link, Path jar) throws IOException {
        try {
            Files.createSymbolicLink(link, jar);
        } catch (FileAlreadyExistsException exists) {
            // An earlier run made it.
        }
    }
}
