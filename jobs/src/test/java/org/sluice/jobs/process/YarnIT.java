package org.sluice.jobs.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.Host;
import org.sluice.jobs.configuration.ClusterConfiguration;

/** The quickstart on YARN, configured by {@code cluster-conf/yarn}, its corpus, dataset and checkpoints on HDFS. */
@Tag("slow")
@Timeout(1500)
class YarnIT {
    @TempDir
    Path folder;

    @Test
    void runsTheQuickstartWithTheDriverHereAndInAContainer() throws Exception {
        try (HadoopDaemons hadoop = new HadoopDaemons(folder.resolve("hadoop"), Host.LOCAL)) {
            hadoop.startHdfs(List.of(Host.LOCAL));
            hadoop.startYarn();
            Quickstart here = new Quickstart("here", hadoop.uri() + "/runs", hadoop.uri() + "/corpus");
            hadoop.put(Quickstart.jars(), here.corpus());
            Path configuration = ClusterConfiguration.make("yarn", folder.resolve("conf"), "localhost");
            assertThat(submit(hadoop, here.arguments(cluster(configuration))))
                    .containsPattern("variant +loss +perplexity")
                    .doesNotContain("Exception");
            assertThat(hadoop.dfs("-ls", "-R", here.folder()))
                    .contains("/report.html", "/dataset/manifest.json")
                    .containsPattern("/sdpa-elementwise/checkpoints/round-0*2/model.safetensors");
            Quickstart there = new Quickstart("there", here.runs(), here.corpus());
            submit(
                    hadoop,
                    there.arguments(Quickstart.FILE.getFileName().toString(), inAContainer(configuration, here)));
            assertThat(hadoop.dfs("-ls", "-R", there.folder()))
                    .contains("/report.html")
                    .containsPattern("/sdpa-elementwise/checkpoints/round-0*2/model.safetensors");
        }
    }

    private String submit(HadoopDaemons hadoop, String... arguments) throws Exception {
        Map<String, String> environment = Map.of(
                "SPARK_LOCAL_IP",
                "127.0.0.1",
                "HADOOP_CONF_DIR",
                hadoop.clients().toString());
        try (WatchedProcess process = SluiceProcess.start(Host.LOCAL, folder, environment, arguments)) {
            return process.exit(0);
        }
    }

    private static String[] cluster(Path configuration, String... more) {
        List<String> arguments = List.of(
                "--master",
                "yarn",
                "--conf-dir",
                configuration.toString(),
                "--conf",
                "spark.executor.memory=1g",
                "--conf",
                "spark.executor.memoryOverhead=2g",
                // Every node is this machine, and has Spark's jars.
                "--conf",
                "spark.yarn.jars=local:" + Path.of("target/spark/jars").toAbsolutePath() + "/*");
        return Stream.concat(arguments.stream(), Stream.of(more)).toArray(String[]::new);
    }

    /** The job file travels with the driver, whose dataset is there already. */
    private static String[] inAContainer(Path configuration, Quickstart earlier) {
        return cluster(
                configuration,
                "--deploy-mode",
                "cluster",
                "--files",
                Quickstart.FILE.toString(),
                "--set",
                "data.output=" + earlier.folder() + "/dataset",
                "--set",
                "variants=[sdpa-elementwise]",
                // A file of this machine, and so of every node.
                "--conf",
                "spark.ssl.ui.keyStore=" + configuration.resolve("keystore.p12"));
    }
}
