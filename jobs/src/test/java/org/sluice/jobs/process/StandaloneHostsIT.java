package org.sluice.jobs.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.Host;
import org.sluice.cluster.TwoHosts;
import org.sluice.jobs.configuration.ClusterConfiguration;

/**
 * The quickstart on a standalone cluster of two hosts, configured by {@code cluster-conf/standalone}: with authentication and encryption, its corpus,
 * dataset and checkpoints on HDFS.
 */
@Tag("slow")
@Timeout(1500)
class StandaloneHostsIT {
    private static final String DEPLOY = "org.apache.spark.deploy.";

    @TempDir
    Path folder;

    @Test
    void runsTheQuickstartForThoseWhoKnowTheSecret() throws Exception {
        try (TwoHosts hosts = new TwoHosts();
                HadoopDaemons hadoop = new HadoopDaemons(folder.resolve("hadoop"), hosts.first())) {
            Host first = hosts.first();
            Host second = hosts.second();
            hadoop.startHdfs(List.of(first, second));
            Quickstart job = new Quickstart("secure", hadoop.uri() + "/runs", hadoop.uri() + "/corpus");
            hadoop.put(Quickstart.jars(), job.corpus());
            Path configuration =
                    ClusterConfiguration.make("standalone", folder.resolve("conf"), first.address(), second.address());
            try (WatchedProcess master = master(first, configuration)) {
                String url =
                        master.await("Starting Spark master at (spark://\\S+)").group(1);
                try (WatchedProcess one = worker(first, configuration, url);
                        WatchedProcess two = worker(second, configuration, url)) {
                    one.await("Successfully registered with master");
                    two.await("Successfully registered with master");
                    requireRefused(second, url);
                    run(job, first, hadoop, configuration, url);
                    one.await("Asked to launch executor");
                    two.await("Asked to launch executor");
                    assertThat(master.output()
                                    .lines()
                                    .filter(line -> line.contains("Registering worker "))
                                    .map(line -> line.replaceFirst(".*Registering worker (\\S+).*", "$1"))
                                    .distinct())
                            .as("the master took the two workers only")
                            .hasSize(2);
                }
            }
            assertThat(hadoop.dfs("-ls", "-R", job.folder()))
                    .contains("/report.html", "/dataset/manifest.json")
                    .containsPattern("/sdpa-elementwise/checkpoints/round-0*2/model.safetensors");
        }
    }

    private void run(Quickstart job, Host host, HadoopDaemons hadoop, Path configuration, String master)
            throws IOException, InterruptedException {
        Map<String, String> environment = Map.of(
                "SPARK_LOCAL_IP",
                host.address(),
                "HADOOP_CONF_DIR",
                hadoop.clients().toString());
        String[] arguments = job.arguments(
                "--master", master, "--conf-dir", configuration.toString(), "--conf", "spark.executor.memory=1g");
        try (WatchedProcess run = SluiceProcess.start(host, folder, environment, arguments)) {
            assertThat(run.exit(0)).containsPattern("variant +loss +perplexity").doesNotContain("Exception");
        }
    }

    /** One who knows another secret, and one who knows the right one but does not encrypt. */
    private void requireRefused(Host host, String master) throws IOException, InterruptedException {
        Path stranger = ClusterConfiguration.make("standalone", folder.resolve("stranger"), host.address());
        try (WatchedProcess worker = worker(host, stranger, master)) {
            worker.await("Failed to connect to master|Authentication failed|challenge");
        }
        Path plain = Files.createDirectory(folder.resolve("plain"));
        String settings = Files.readString(folder.resolve("conf/spark-defaults.conf"));
        Files.writeString(
                plain.resolve("spark-defaults.conf"),
                settings.replaceAll("(spark.network.crypto.enabled) +true", "$1 false"),
                StandardOpenOption.CREATE_NEW);
        Files.copy(folder.resolve("conf/keystore.p12"), plain.resolve("keystore.p12"));
        Files.copy(folder.resolve("conf/log4j2.properties"), plain.resolve("log4j2.properties"));
        try (WatchedProcess worker = worker(host, plain, master)) {
            worker.await("Failed to connect to master|Authentication failed|challenge");
        }
    }

    private WatchedProcess master(Host host, Path configuration) throws IOException {
        return daemon(host, configuration, "master.Master", "--host", host.address(), "--port", "7077");
    }

    private WatchedProcess worker(Host host, Path configuration, String master) throws IOException {
        Path work = Files.createDirectories(folder.resolve("work-" + host.address()));
        return daemon(
                host,
                configuration,
                "worker.Worker",
                "--host",
                host.address(),
                "--cores",
                "1",
                "--memory",
                "2g",
                "--webui-port",
                "0",
                "--work-dir",
                work.toString(),
                master);
    }

    private WatchedProcess daemon(Host host, Path configuration, String main, String... arguments) throws IOException {
        return SluiceProcess.start(
                host,
                folder,
                Map.of("SPARK_CONF_DIR", configuration.toString(), "SPARK_LOCAL_IP", host.address()),
                Stream.concat(Stream.of("spark-class", DEPLOY + main), Stream.of(arguments))
                        .toArray(String[]::new));
    }
}
