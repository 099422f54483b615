package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints that are written while training goes on, onto a disk that is slow, and one that is full. */
@Timeout(120)
class AsynchronousCheckpointTest {
    private static final SyntheticBlocks BLOCKS = SyntheticBlocks.of(37);

    private static JavaSparkContext context;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() {
        context = SparkSessions.local(2);
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    private static TrainingPlan plan(OuterOptimizer outer, int checkpointRounds) {
        return TrainingFixture.plan(TrainingFixture.adamW(10), TrainingFixture.cluster(2, 2, outer, checkpointRounds));
    }

    private static TrainingPlan standingStill(TrainingPlan plan) {
        return TrainingFixture.plan(plan.training(), TrainingFixture.standingStill(plan.cluster()));
    }

    private RunFolder run(Configuration hadoop, String scheme, String name) throws IOException {
        return new RunFolder(hadoop, scheme + ":" + temporary.resolve("disk").resolve(name));
    }

    private CheckpointWatcher undisturbed(TrainingPlan plan) throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("undisturbed"));
        CheckpointWatcher watcher = new CheckpointWatcher(folder);
        new Trainer(context, folder, standingStill(plan), BLOCKS, watcher).train(false);
        return watcher;
    }

    @ParameterizedTest
    @ValueSource(strings = {"average", "nesterov"})
    void roundsGoOnWhileTheStateBeforeThemIsWritten(String outer) throws IOException {
        TrainingPlan plan = plan(outer.equals("average") ? OuterOptimizer.average() : OuterOptimizer.nesterov(), 2);
        CheckpointWatcher expected = undisturbed(plan);
        assertThat(expected.told)
                .containsExactly(
                        "round 1",
                        "round 2",
                        "checkpoint 2",
                        "round 3",
                        "round 4",
                        "checkpoint 4",
                        "round 5",
                        "checkpoint 5");
        Path signals = temporary.resolve("signals");
        RunFolder folder = run(HeldUpDisk.waitingIn(signals), "heldup", "run");
        Path first = temporary.resolve("disk/run/baseline/checkpoints/round-00000002");
        CheckpointWatcher watcher = new CheckpointWatcher(folder) {
            @Override
            public void round(Round round) {
                super.round(round);
                if (round.round() == 3) {
                    assertThat(first).exists();
                    assertThat(first.resolve("_COMPLETE")).doesNotExist();
                    HeldUpDisk.letGo(signals);
                }
            }
        };
        new Trainer(context, folder, plan, BLOCKS, watcher).train(false);
        assertThat(signals.resolve("waiting")).exists();
        assertThat(watcher.told).startsWith("round 1", "round 2", "round 3").endsWith("checkpoint 5");
        assertThat(watcher.told).containsExactlyInAnyOrderElementsOf(expected.told);
        assertThat(watcher.hashes)
                .as("the bits of a training that stands still, of parameters, momentum and each worker's state")
                .isEqualTo(expected.hashes);
        assertThat(watcher.finished.get(0).waitedSeconds())
                .isPositive()
                .isLessThan(watcher.finished.get(0).seconds());
        assertThat(TrainingFixture.events(folder))
                .as("the line of a checkpoint is read at its own step's place")
                .isEqualTo(TrainingFixture.events(TrainingFixture.folder(temporary.resolve("undisturbed"))));
        List<String> lines = Files.readAllLines(temporary.resolve("disk/run/metrics.jsonl"));
        assertThat(lines.get(lines.size() - 1)).contains("\"checkpoint\"");
        assertThat(lines.subList(0, 9)).noneMatch(line -> line.contains("\"checkpoint\""));
        assertThat(context.getPersistentRDDs()).isEmpty();
    }

    @Test
    void aFailureInALaterRoundGoesBackNoFurtherThanToWhatWasBeingWritten() throws IOException {
        TrainingPlan plan = plan(OuterOptimizer.nesterov(), 2);
        CheckpointWatcher expected = undisturbed(plan);
        Path signals = temporary.resolve("signals");
        // Block 29 is read in the last step of round 3.
        SyntheticBlocks.Accident accident =
                new SyntheticBlocks.Accident(SyntheticBlocks.Kind.FAIL_ONCE, List.of(29L), temporary.toString());
        RunFolder folder = run(HeldUpDisk.waitingIn(signals), "heldup", "run");
        CheckpointWatcher watcher = new CheckpointWatcher(folder) {
            @Override
            public void round(Round round) {
                super.round(round);
                if (round.round() == 2) {
                    HeldUpDisk.letGo(signals);
                }
            }
        };
        SyntheticBlocks blocks = SyntheticBlocks.of(37, accident);
        TrainingOutcome outcome = new Trainer(context, folder, plan, blocks, watcher).train(false);
        assertThat(outcome.recoveries()).isEqualTo(1);
        assertThat(watcher.startedFrom).containsExactly(0L, 2L);
        assertThat(watcher.told).startsWith("round 1", "round 2", "checkpoint 2", "round 3");
        assertThat(watcher.hashes).isEqualTo(expected.hashes);
    }

    @Test
    void aFullDiskIsToldOfAndTheNextCheckpointIsWrittenAgain() throws IOException {
        TrainingPlan plan = plan(OuterOptimizer.nesterov(), 2);
        CheckpointWatcher expected = undisturbed(plan);
        Path disk = temporary.resolve("disk");
        RunFolder folder = run(SmallDisk.in(disk, 20_000), "small", "run");
        CheckpointWatcher watcher = new CheckpointWatcher(folder) {
            @Override
            public void checkpointFailed(CheckpointFailure failure) {
                super.checkpointFailed(failure);
                resize(disk, 1_000_000);
            }
        };
        TrainingOutcome outcome = new Trainer(context, folder, plan, BLOCKS, watcher).train(false);
        assertThat(outcome.recoveries()).isZero();
        assertThat(watcher.failures).singleElement().satisfies(failure -> {
            assertThat(failure.round()).isEqualTo(2);
            assertThat(failure.failures()).isEqualTo(1);
            assertThat(failure.allowed()).isEqualTo(2);
            assertThat(failure.cause()).isEqualTo("IOException: No space left on device");
        });
        expected.hashes.remove(2L);
        assertThat(watcher.hashes).isEqualTo(expected.hashes);
        assertThat(context.getPersistentRDDs()).isEmpty();
    }

    private static void resize(Path disk, long capacity) {
        try {
            SmallDisk.resize(disk, capacity);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDiskThatStaysFullEndsTheTrainingWhichGoesOnLater(boolean asynchronous) throws IOException {
        TrainingPlan asked = plan(OuterOptimizer.average(), 1);
        CheckpointWatcher expected = undisturbed(asked);
        TrainingPlan plan = asynchronous ? asked : standingStill(asked);
        Path disk = temporary.resolve("disk");
        RunFolder folder = run(SmallDisk.in(disk, 1_000_000), "small", "run");
        CheckpointWatcher watcher = new CheckpointWatcher(folder) {
            @Override
            public void checkpoint(Checkpoint checkpoint) {
                super.checkpoint(checkpoint);
                if (checkpoint.round() == 1) {
                    resize(disk, used(disk) + 10_000);
                }
            }
        };
        assertThatThrownBy(() -> new Trainer(context, folder, plan, BLOCKS, watcher).train(false))
                .isInstanceOf(TrainingFailedException.class)
                .hasMessageContaining("the checkpoint of round 4 of 'baseline' could not be written")
                .hasMessageContaining("No space left on device")
                .hasMessageContaining("number 3 in a row")
                .hasMessageContaining("The newest one is small:")
                .hasMessageContaining("round-00000001")
                .hasMessageContaining("resume");
        assertThat(watcher.failures)
                .extracting(TrainingListener.CheckpointFailure::round)
                .containsExactly(2L, 3L, 4L);
        assertThat(context.getPersistentRDDs()).isEmpty();
        resize(disk, 1_000_000);
        CheckpointWatcher resumed = new CheckpointWatcher(folder);
        new Trainer(context, folder, plan, BLOCKS, resumed).train(true);
        assertThat(resumed.startedFrom).containsExactly(1L);
        expected.hashes.remove(1L);
        assertThat(resumed.hashes).isEqualTo(expected.hashes);
    }

    private static long used(Path disk) {
        try {
            return SmallDisk.used(disk);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void theLastCheckpointIsTriedAgain() throws IOException {
        TrainingPlan plan = plan(OuterOptimizer.average(), 100);
        CheckpointWatcher expected = undisturbed(plan);
        Path disk = temporary.resolve("disk");
        RunFolder folder = run(SmallDisk.in(disk, 20_000), "small", "run");
        CheckpointWatcher watcher = new CheckpointWatcher(folder) {
            @Override
            public void checkpointFailed(CheckpointFailure failure) {
                super.checkpointFailed(failure);
                if (failure.failures() == 2) {
                    resize(disk, 1_000_000);
                }
            }
        };
        TrainingOutcome outcome = new Trainer(context, folder, plan, BLOCKS, watcher).train(false);
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(watcher.told).endsWith("round 5", "failure 5", "failure 5", "checkpoint 5");
        assertThat(watcher.hashes).isEqualTo(expected.hashes);
        assertThat(TrainingFixture.events(folder))
                .isEqualTo(TrainingFixture.events(TrainingFixture.folder(temporary.resolve("undisturbed"))));
    }
}
