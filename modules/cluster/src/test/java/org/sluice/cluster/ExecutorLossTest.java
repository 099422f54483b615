package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Executors in JVMs of their own, two of which are killed in the middle of a round. */
@Tag("slow")
@Timeout(240)
class ExecutorLossTest {
    @TempDir
    Path temporary;

    @Test
    void trainingFinishesWithTheBitsOfTheUndisturbedOne() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(15),
                TrainingFixture.standingStill(TrainingFixture.cluster(2, 3, OuterOptimizer.nesterov(), 2)));
        RunFolder undisturbed = TrainingFixture.folder(temporary.resolve("undisturbed"));
        RunFolder disturbed = TrainingFixture.folder(temporary.resolve("disturbed"));
        try (JavaSparkContext context = SparkSessions.local(2)) {
            TrainingFixture.train(context, undisturbed, plan, SyntheticBlocks.of(200));
        }
        // Round 2 reads the blocks 15 to 29, before the first checkpoint; round 4 the blocks 45 to 59, behind one.
        SyntheticBlocks.Accident accident = new SyntheticBlocks.Accident(
                SyntheticBlocks.Kind.KILL_EXECUTOR, List.of(21L, 54L), temporary.toString());
        List<TrainingListener.Recovery> recoveries = new ArrayList<>();
        List<List<String>> executors = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void recovery(Recovery recovery) {
                recoveries.add(recovery);
            }

            @Override
            public void started(Start start) {
                executors.add(start.executors());
            }
        };
        try (JavaSparkContext context = SparkSessions.localCluster(2, 1, 1024)) {
            TrainingOutcome outcome =
                    new Trainer(context, disturbed, plan, SyntheticBlocks.of(200, accident), listener).train(false);
            assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        }
        assertThat(temporary.resolve("block-21")).exists();
        assertThat(temporary.resolve("block-54")).exists();
        assertThat(recoveries).extracting(recovery -> recovery.backTo().round()).containsExactly(0L, 2L);
        assertThat(recoveries).allSatisfy(recovery -> assertThat(recovery.cause())
                .startsWith("executor ")
                .doesNotContain("SQLSTATE")
                .contains("was killed from outside (SIGKILL, exit code 137) in round "));
        assertThat(executors).hasSize(3).doesNotHaveDuplicates();
        assertThat(executors.get(0))
                .as("each worker has an executor of its own")
                .doesNotHaveDuplicates();
        assertThat(TrainingFixture.events(disturbed)).isEqualTo(TrainingFixture.events(undisturbed));
        assertThat(TrainingFixture.hashes(disturbed)).isEqualTo(TrainingFixture.hashes(undisturbed));
    }

    /** A round of one step is two jobs for a mixture of experts; an executor is lost in each. */
    @Test
    void aMixtureOfExpertsFinishesWithTheBitsOfTheUndisturbedOne() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.MIXTURE,
                TrainingFixture.adamW(5),
                TrainingFixture.standingStill(TrainingFixture.cluster(2, 1, OuterOptimizer.average(), 2)));
        RunFolder undisturbed = TrainingFixture.folder(temporary.resolve("undisturbed"));
        RunFolder disturbed = TrainingFixture.folder(temporary.resolve("disturbed"));
        try (JavaSparkContext context = SparkSessions.local(2)) {
            TrainingFixture.train(context, undisturbed, plan, SyntheticBlocks.of(200));
        }
        // Block 6 is read first to count the experts of round 2; block 19 is read again to train round 4.
        SyntheticBlocks.Accident accident = new SyntheticBlocks.Accident(
                SyntheticBlocks.Kind.KILL_EXECUTOR, Map.of(6L, 1, 19L, 2), temporary.toString());
        List<Long> backTo = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void recovery(Recovery recovery) {
                backTo.add(recovery.backTo().round());
            }
        };
        try (JavaSparkContext context = SparkSessions.localCluster(2, 1, 1024)) {
            new Trainer(context, disturbed, plan, SyntheticBlocks.of(200, accident), listener).train(false);
        }
        assertThat(backTo).containsExactly(0L, 2L);
        assertThat(TrainingFixture.events(disturbed)).isEqualTo(TrainingFixture.events(undisturbed));
        assertThat(TrainingFixture.hashes(disturbed)).isEqualTo(TrainingFixture.hashes(undisturbed));
    }

    @Test
    void moreWorkersThanCoresTakeTurnsInTheirExecutors() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(6), TrainingFixture.cluster(3, 1, OuterOptimizer.average(), 100));
        RunFolder together = TrainingFixture.folder(temporary.resolve("together"));
        try (JavaSparkContext context = SparkSessions.local(2)) {
            TrainingFixture.train(context, together, plan, SyntheticBlocks.of(200));
        }
        RunFolder apart = TrainingFixture.folder(temporary.resolve("apart"));
        String wait = "spark.locality.wait.process";
        try (JavaSparkContext context = SparkSessions.localCluster(2, 1, 1024)) {
            context.sc().conf().set(wait, "0").set("spark.scheduler.maxRegisteredResourcesWaitingTime", "0");
            TrainingOutcome outcome = TrainingFixture.train(context, apart, plan, SyntheticBlocks.of(200));
            assertThat(outcome.recoveries())
                    .as("no task ran away from its worker")
                    .isZero();
            assertThat(context.sc().conf().get(wait))
                    .as("the session's own setting is back")
                    .isEqualTo("0");
        }
        assertThat(TrainingFixture.hashes(apart)).isEqualTo(TrainingFixture.hashes(together));
    }

    /**
     * Checkpoints of executors with one slot each, which the next round takes; of remote slices; and an executor that is lost while one may be
     * being written.
     */
    @Test
    void checkpointsAreWrittenBesideTrainingThatLosesAnExecutor() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(18), TrainingFixture.cluster(2, 3, OuterOptimizer.nesterov(), 2));
        RunFolder undisturbed = TrainingFixture.folder(temporary.resolve("undisturbed"));
        CheckpointWatcher expected = new CheckpointWatcher(undisturbed);
        try (JavaSparkContext context = SparkSessions.local(2)) {
            new Trainer(context, undisturbed, plan, SyntheticBlocks.of(200), expected).train(false);
        }
        Path signals = temporary.resolve("signals");
        RunFolder disturbed = new RunFolder(HeldUpDisk.waitingIn(signals), "heldup:" + temporary.resolve("disturbed"));
        // Round 5 reads the blocks 60 to 74, when the checkpoint of round 4 may be finished or not, but that of round 2
        // is.
        SyntheticBlocks.Accident accident =
                new SyntheticBlocks.Accident(SyntheticBlocks.Kind.KILL_EXECUTOR, List.of(66L), temporary.toString());
        CheckpointWatcher watcher = new CheckpointWatcher(disturbed) {
            @Override
            public void round(Round round) {
                super.round(round);
                if (round.round() == 3) {
                    HeldUpDisk.letGo(signals);
                }
            }
        };
        try (JavaSparkContext context = SparkSessions.localCluster(2, 1, 1024)) {
            new Trainer(context, disturbed, plan, SyntheticBlocks.of(200, accident), watcher).train(false);
        }
        assertThat(watcher.told)
                .as("the disk took nothing before round 3 was done")
                .startsWith("round 1", "round 2", "round 3");
        assertThat(temporary.resolve("block-66")).exists();
        assertThat(watcher.startedFrom).hasSize(2).startsWith(0L).isSubsetOf(0L, 2L, 4L);
        assertThat(watcher.startedFrom.get(1)).isNotZero();
        assertThat(watcher.hashes).isEqualTo(expected.hashes);
        assertThat(TrainingFixture.events(disturbed)).isEqualTo(TrainingFixture.events(undisturbed));
    }
}
