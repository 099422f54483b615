package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.SteppedTraining.TrainingSize;

/** Standalone workers, executors and the driver, all in processes of their own, are killed while a training runs. */
@Tag("slow")
@Timeout(480)
class ChangingClusterTest {
    private static final long STEPS = 24;

    @TempDir
    Path temporary;

    private RunFolder undisturbed(int workers, long seed) throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("undisturbed-" + seed));
        try (JavaSparkContext context = SparkSessions.local(2)) {
            TrainingFixture.train(
                    context,
                    folder,
                    SteppedTraining.plan(new TrainingSize(workers, workers, STEPS), TrainingFixture.adamW(STEPS, seed)),
                    SteppedTraining.blocks());
        }
        return folder;
    }

    /** The loss of what was trained on blocks that it was not trained on. */
    private static double heldOutLoss(RunFolder folder) throws IOException {
        return TrainingFixture.loss(folder, SteppedTraining.blocks().range(4000, 4400));
    }

    /** Begins on 4 workers, loses 2, gets 1 back, is killed, and is resumed on 3. */
    @Test
    void everyBlockIsCountedOnceHoweverTheClusterChanges() throws IOException, InterruptedException {
        Path run = temporary.resolve("run");
        try (StandaloneCluster cluster = new StandaloneCluster(temporary.resolve("cluster"), 4)) {
            try (SteppedTraining training = new SteppedTraining(
                    temporary.resolve("first.log"), cluster, 4, run, new TrainingSize(4, 2, STEPS), false)) {
                assertThat(training.event()).isEqualTo("round 1 4");
                cluster.killWorker(0);
                cluster.killWorker(3);
                training.goOnUntil("round 4");
                cluster.addWorker();
                training.goOnWith(3);
                training.event();
                training.goOnUntil("checkpoint 9");
                training.goOnUntil("round 11");
                training.kill();
            }
            try (SteppedTraining training = new SteppedTraining(
                    temporary.resolve("second.log"), cluster, 3, run, new TrainingSize(3, 3, STEPS), true)) {
                assertThat(training.event()).startsWith("round ");
                assertThat(training.goOnUntil("end")).isEqualTo("end COMPLETED");
            }
        }
        RunFolder folder = TrainingFixture.folder(run);
        CountedBlocks.requireEachOnce(folder, STEPS * SteppedTraining.BLOCKS);
        List<Integer> workers = new ArrayList<>();
        CountedBlocks.rounds(folder)
                .forEach(round -> workers.add(round.path("workers").asInt()));
        System.out.println("workers of each round: " + workers);
        assertThat(workers.subList(0, 4)).startsWith(4).endsWith(2);
        assertThat(workers.subList(5, workers.size())).containsOnly(3);
        requireLossWithinNoise(heldOutLoss(folder));
    }

    /** What chance makes of the loss is known from trainings that nothing disturbs and that begin with other parameters. */
    private void requireLossWithinNoise(double loss) throws IOException {
        List<Double> undisturbed = new ArrayList<>();
        for (long seed = 11; seed < 14; seed++) {
            undisturbed.add(heldOutLoss(undisturbed(4, seed)));
        }
        System.out.println("held-out loss " + loss + ", undisturbed with three seeds " + undisturbed);
        double noise = Collections.max(undisturbed) - Collections.min(undisturbed);
        assertThat(loss).isCloseTo(undisturbed.get(0), within(noise));
    }

    /** With a fixed number of workers, what is trained again has the same bits. */
    @Test
    void aFixedCrewFinishesWithTheSameBitsOnHowManyHostsEver() throws IOException, InterruptedException {
        Path run = temporary.resolve("run");
        try (StandaloneCluster cluster = new StandaloneCluster(temporary.resolve("cluster"), 3)) {
            try (SteppedTraining training = new SteppedTraining(
                    temporary.resolve("first.log"), cluster, 3, run, new TrainingSize(3, 3, STEPS), false)) {
                assertThat(training.event()).isEqualTo("round 1 3");
                training.goOnUntil("round 5");
                cluster.killWorker(1);
                assertThat(training.goOnUntil("back")).isEqualTo("back 3");
                training.goOnUntil("checkpoint 9");
                training.goOnUntil("round 11");
                training.kill();
            }
            try (SteppedTraining training = new SteppedTraining(
                    temporary.resolve("second.log"), cluster, 2, run, new TrainingSize(3, 3, STEPS), true)) {
                assertThat(training.event()).isEqualTo("round 10 3");
                assertThat(training.goOnUntil("end")).isEqualTo("end COMPLETED");
            }
        }
        RunFolder folder = TrainingFixture.folder(run);
        RunFolder undisturbed = undisturbed(3, 11);
        assertThat(TrainingFixture.events(folder)).isEqualTo(TrainingFixture.events(undisturbed));
        assertThat(TrainingFixture.hashes(folder)).isEqualTo(TrainingFixture.hashes(undisturbed));
    }
}
