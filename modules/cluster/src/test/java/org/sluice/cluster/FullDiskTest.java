package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One of two hosts has a small disk for what executors send each other, which is full in the middle of an exchange. */
@Tag("slow")
@Timeout(120)
class FullDiskTest {
    private static final TrainingPlan PLAN = TrainingFixture.plan(
            TrainingFixture.adamW(12),
            TrainingFixture.standingStill(TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 2)));

    /** What a worker sends takes several pages of the disk, and their index another: there is room for the first. */
    private static final long FREE = 4096;

    private static final long LARGE = 1 << 20;

    @TempDir
    static Path shared;

    private static MountedDisk disk;
    private static StandaloneCluster cluster;
    private static JavaSparkContext context;
    private static RunFolder undisturbed;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        disk = new MountedDisk(shared.resolve("disk"), LARGE);
        cluster = new StandaloneCluster(shared.resolve("cluster"), 1);
        cluster.addWorker(Map.of("SPARK_LOCAL_DIRS", disk.folder().toString()));
        undisturbed = TrainingFixture.folder(shared.resolve("undisturbed"));
        // Nothing of earlier exchanges is to be deleted, and give room, at any time.
        Map<String, String> settings = Map.of("spark.cleaner.referenceTracking", "false");
        context = SparkSessions.start(cluster.master(), SparkSessions.executors(512, settings));
        assertThat(new ExecutorRoster(context, Set::of).await(2, Set.of())).hasSize(2);
        TrainingFixture.train(context, undisturbed, PLAN, SyntheticBlocks.of(200));
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        if (context != null) {
            context.stop();
        }
        if (cluster != null) {
            cluster.close();
        }
        if (disk != null) {
            disk.close();
        }
    }

    /** Makes the disk as small as what is on it after round 3, and large again when training has gone back so many times. */
    private static final class Filling implements TrainingListener {
        final List<Recovery> recoveries = new ArrayList<>();
        private final int patience;

        Filling(int patience) {
            this.patience = patience;
        }

        @Override
        public void round(Round round) {
            if (round.round() == 3 && recoveries.isEmpty()) {
                disk.resize(disk.used() + FREE);
            }
        }

        @Override
        public void recovery(Recovery recovery) {
            recoveries.add(recovery);
            if (recoveries.size() == patience) {
                disk.resize(LARGE);
            }
        }
    }

    private static void requireNamed(String message) {
        assertThat(message)
                .containsPattern("executor \\d+ on localhost had no space left on a disk "
                        + "\\(.*No space left on device; the executor writes to " + disk.folder()
                        + "/\\S+ \\(\\d+ KiB of \\d+ free\\)\\) in round [34]: free space on its host, "
                        + "or point SPARK_LOCAL_DIRS of its standalone worker to a larger disk");
    }

    @Test
    void trainingGoesBackAndEndsWithTheSameBitsOnceThereIsSpace() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("run"));
        Filling filling = new Filling(1);
        new Trainer(context, folder, PLAN, SyntheticBlocks.of(200), filling).train(false);
        assertThat(filling.recoveries).singleElement().satisfies(recovery -> {
            assertThat(recovery.backTo().round()).isEqualTo(2);
            requireNamed(recovery.cause());
        });
        requireTheBitsOfTheUndisturbedOne(folder);
    }

    @Test
    void withoutSpaceTrainingEndsAndIsResumed() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("run"));
        Filling filling = new Filling(PLAN.cluster().recoveries() + 1);
        try {
            assertThatThrownBy(() -> new Trainer(context, folder, PLAN, SyntheticBlocks.of(200), filling).train(false))
                    .isInstanceOf(TrainingFailedException.class)
                    .satisfies(thrown -> requireNamed(thrown.getMessage()))
                    .hasMessageStartingWith("training of 'baseline' failed 3 times in a row in round 3: ");
        } finally {
            disk.resize(LARGE);
        }
        assertThat(filling.recoveries).hasSize(2);
        TrainingOutcome outcome =
                new Trainer(context, folder, PLAN, SyntheticBlocks.of(200), TrainingListener.none()).train(true);
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        requireTheBitsOfTheUndisturbedOne(folder);
    }

    private static void requireTheBitsOfTheUndisturbedOne(RunFolder folder) throws IOException {
        assertThat(TrainingFixture.events(folder)).isEqualTo(TrainingFixture.events(undisturbed));
        assertThat(TrainingFixture.hashes(folder)).isEqualTo(TrainingFixture.hashes(undisturbed));
    }
}
