package org.sluice.jobs.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.spark.SparkConf;

/** Folders of {@code cluster-conf}, and the script that makes copies of them with secrets. */
public final class ClusterConfiguration {
    static final Path ALL = Path.of("../cluster-conf").toAbsolutePath().normalize();

    private ClusterConfiguration() {}

    /** Makes a configuration of a kind in a folder that is not there yet, for web pages on those hosts. */
    public static Path make(String kind, Path folder, String... hosts) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(kind, folder.toString()));
        arguments.addAll(List.of(hosts));
        assertThat(newConf(0, arguments.toArray(String[]::new))).contains("--conf-dir " + folder);
        return folder;
    }

    /** Runs the script with arguments; what it printed. */
    static String newConf(int exit, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(ALL.resolve("new-conf").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(exit);
        return output;
    }

    /** The settings of a folder, as spark-submit reads them with that folder as SPARK_CONF_DIR. */
    static SparkConf settings(Path folder) throws IOException {
        Properties properties = new Properties();
        try (Reader file = Files.newBufferedReader(folder.resolve("spark-defaults.conf"))) {
            properties.load(file);
        }
        SparkConf conf = new SparkConf(false);
        properties
                .stringPropertyNames()
                .forEach(name -> conf.set(
                        name,
                        properties.getProperty(name).strip().replace("${env:SPARK_CONF_DIR}", folder.toString())));
        return conf;
    }
}
