package org.sluice.jobs.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the image's entry point starts. */
class EntrypointTest {
    private static final Path SPARK = Path.of("target/spark").toAbsolutePath();

    @TempDir
    Path folder;

    @Test
    void anExecutorGetsItsOptionsInTheirOrder() throws Exception {
        Path java = Files.createDirectories(folder.resolve("java/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '<%s>\\n' \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Map<String, String> environment = Map.ofEntries(
                Map.entry("JAVA_HOME", folder.resolve("java").toString()),
                Map.entry("SPARK_JAVA_OPT_10", "-Dlast=a b"),
                Map.entry("SPARK_JAVA_OPT_2", "-Dsecond"),
                Map.entry("SPARK_JAVA_OPT_0", "-Dfirst"),
                Map.entry("SPARK_EXECUTOR_MEMORY", "2048m"),
                Map.entry("SPARK_DRIVER_URL", "spark://CoarseGrainedScheduler@driver:7078"),
                Map.entry("SPARK_EXECUTOR_ID", "3"),
                Map.entry("SPARK_EXECUTOR_CORES", "1"),
                Map.entry("SPARK_APPLICATION_ID", "spark-1"),
                Map.entry("SPARK_EXECUTOR_POD_IP", "10.1.2.3"),
                Map.entry("SPARK_RESOURCE_PROFILE_ID", "0"),
                Map.entry("SPARK_EXECUTOR_POD_NAME", "executor-3"));
        assertThat(start(environment, "executor").lines())
                .startsWith("<-Dfirst>", "<-Dsecond>", "<-Dlast=a b>", "<-Xms2048m>", "<-Xmx2048m>", "<-cp>")
                .containsSequence("<--executor-id>", "<3>")
                .containsSequence("<--hostname>", "<10.1.2.3>")
                .contains("<org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend>");
    }

    @Test
    void aDriverIsStartedBySparkSubmit() throws Exception {
        Map<String, String> environment =
                Map.of("JAVA_HOME", System.getProperty("java.home"), "SPARK_DRIVER_BIND_ADDRESS", "127.0.0.1");
        assertThat(start(environment, "driver", "--version")).contains("version 4.");
    }

    private static String start(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ClusterConfiguration.ALL.resolve("kubernetes/image/entrypoint").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("SPARK_HOME", SPARK.toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
