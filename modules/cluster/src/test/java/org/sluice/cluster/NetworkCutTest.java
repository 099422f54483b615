package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.SteppedTraining.TrainingSize;

/** The network between two hosts, of which one has the driver, is cut for half a minute or longer while a training runs. */
@Tag("slow")
@Timeout(600)
class NetworkCutTest {
    private static final TrainingSize SIZE = new TrainingSize(2, 2, 24);
    private static final long CUT_SECONDS = 30;

    /** A host that sends nothing for ten seconds counts as lost. */
    private static final Map<String, String> IMPATIENT = Map.of(
            "spark.network.timeout",
            "10s",
            "spark.network.timeoutInterval",
            "2s",
            "spark.executor.heartbeatInterval",
            "2s");

    @TempDir
    Path temporary;

    @Test
    void trainingGoesOnWithoutTheOtherHostAndEndsWithTheSameBits() throws Exception {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("run"));
        try (TwoHosts hosts = new TwoHosts();
                StandaloneCluster cluster = new StandaloneCluster(temporary.resolve("cluster"), hosts.first())) {
            cluster.addWorker(hosts.first(), Map.of());
            cluster.addWorker(hosts.second(), Map.of());
            try (SteppedTraining training = new SteppedTraining(
                    temporary.resolve("driver.log"),
                    cluster,
                    2,
                    temporary.resolve("run"),
                    SIZE,
                    false,
                    hosts.first(),
                    IMPATIENT)) {
                assertThat(training.event()).isEqualTo("round 1 2");
                training.goOnUntil("round 5");
                hosts.cut();
                CompletableFuture<Void> halfAMinute = CompletableFuture.runAsync(
                        () -> {}, CompletableFuture.delayedExecutor(CUT_SECONDS, TimeUnit.SECONDS));
                assertThat(training.goOnUntil("back")).isEqualTo("back 3");
                training.goOnUntil("round 5");
                halfAMinute.get();
                hosts.restore();
                training.goOnWith(2);
                assertThat(training.event()).startsWith("round 6");
                assertThat(training.goOnUntil("end")).isEqualTo("end COMPLETED");
            }
        }
        CountedBlocks.requireEachOnce(folder, SIZE.steps() * SteppedTraining.BLOCKS);
        RunFolder undisturbed = undisturbed();
        assertThat(TrainingFixture.events(folder)).isEqualTo(TrainingFixture.events(undisturbed));
        assertThat(TrainingFixture.hashes(folder)).isEqualTo(TrainingFixture.hashes(undisturbed));
    }

    private RunFolder undisturbed() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("undisturbed"));
        try (JavaSparkContext context = SparkSessions.local(2)) {
            TrainingFixture.train(context, folder, SteppedTraining.plan(SIZE), SteppedTraining.blocks());
        }
        return folder;
    }
}
