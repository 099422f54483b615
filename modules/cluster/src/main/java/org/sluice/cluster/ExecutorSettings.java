package org.sluice.cluster;

import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;

/** The settings that decide what an executor may use, as a message shows them: each with the value that it has now. */
final class ExecutorSettings {
    private static final Pattern PLACE = Pattern.compile("\\{([^}]+)}");
    private static final String MEMORY = "spark.executor.memory";
    private static final String JAVA_OPTIONS = "spark.executor.extraJavaOptions";
    private static final String OVERHEAD = "spark.executor.memoryOverhead";
    private static final Map<String, String> DEFAULTS = Map.of(
            MEMORY,
            "1g",
            "spark.network.timeout",
            "120s",
            "spark.local.dir",
            "/tmp",
            "spark.dynamicAllocation.enabled",
            "false");

    private final SparkConf conf;

    ExecutorSettings(SparkConf conf) {
        this.conf = conf;
    }

    /**
     * Puts each setting, with its value, where {@code {its name}} stands, for {@code {room}} what gives a process more room, and for
     * {@code {disk}} what says where an executor's local folders are.
     */
    String fill(String text) {
        return PLACE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(of(place.group(1))));
    }

    private String of(String place) {
        return switch (place) {
            case "room" -> room();
            case "disk" -> disk();
            default -> now(place);
        };
    }

    /** Standalone workers and YARN's node managers do not ask the application where its executors may write. */
    private String disk() {
        String master = conf.get("spark.master", "");
        if (master.startsWith("yarn")) {
            return "yarn.nodemanager.local-dirs of its node";
        }
        return master.startsWith("spark:") ? "SPARK_LOCAL_DIRS of its standalone worker" : now("spark.local.dir");
    }

    /** {@code spark.executor.memory (now 1g)}. */
    private String now(String setting) {
        if (setting.equals(JAVA_OPTIONS)) {
            return setting + memoryOptions();
        }
        if (conf.contains(setting)) {
            return setting + " (now " + conf.get(setting) + ")";
        }
        String byDefault = setting.equals(OVERHEAD) ? defaultOverhead() : DEFAULTS.get(setting);
        return setting + (byDefault == null ? " (now not set)" : " (now " + byDefault + ", the default)");
    }

    /** Spark puts many of its own there; only those that limit memory are of interest. */
    private String memoryOptions() {
        String limits = Arrays.stream(conf.get(JAVA_OPTIONS, "").split("\\s+"))
                .filter(option -> option.contains("javacpp") || option.contains("MaxDirectMemorySize"))
                .collect(Collectors.joining(" "));
        return limits.isEmpty() ? " (now without any of its limits)" : " (now " + limits + ")";
    }

    /** Only YARN and Kubernetes give an executor a container that is larger than its heap by the overhead. */
    private boolean hasContainers() {
        String master = conf.get("spark.master", "");
        return master.startsWith("yarn") || master.startsWith("k8s");
    }

    /** By how much the container of an executor is larger than its heap; 0 where it has none. */
    long containerOverheadBytes() {
        return hasContainers() ? conf.getSizeAsMb(OVERHEAD, defaultOverhead()) << 20 : 0;
    }

    private String room() {
        return hasContainers()
                ? "raise " + now(OVERHEAD)
                : "give its host or container more memory, or fewer executors; each has a heap of " + now(MEMORY);
    }

    /** As Spark computes it for executors in containers. */
    private String defaultOverhead() {
        double share = conf.getDouble("spark.executor.memoryOverheadFactor", 0.1);
        long least = conf.getSizeAsMb("spark.executor.minMemoryOverhead", "384m");
        return Math.max((long) (share * conf.getSizeAsMb(MEMORY, DEFAULTS.get(MEMORY))), least) + "m";
    }
}
