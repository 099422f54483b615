package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.control.Positions;
import org.sluice.cluster.control.RoundPolicy;

/** Workers are lost, late or refused, and training goes on; executors are JVMs of their own. */
@Tag("slow")
@Timeout(240)
class ElasticTrainingTest {
    private static final int STEPS = 24;

    private static JavaSparkContext context;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() {
        context = SparkSessions.localCluster(3, 1, 700);
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    /** Keeps what it is told. */
    private static class Told implements TrainingListener {
        final List<Uncounted> uncounted = new ArrayList<>();
        final List<Recovery> recoveries = new ArrayList<>();
        final List<Integer> workers = new ArrayList<>();

        @Override
        public void uncounted(Uncounted told) {
            uncounted.add(told);
        }

        @Override
        public void recovery(Recovery told) {
            recoveries.add(told);
        }

        @Override
        public void round(Round told) {
            workers.add(told.workers());
        }
    }

    private static TrainingPlan plan(int least, InnerState innerState, RoundPolicy policy) {
        ClusterConfig cluster = new ClusterChange(TrainingFixture.cluster(3, 2, OuterOptimizer.nesterov(), 100))
                .workers(3, least)
                .steps(6, 2)
                .innerState(innerState)
                .rounds(policy)
                .done();
        return TrainingFixture.plan(TrainingFixture.adamW(STEPS), cluster);
    }

    private TrainingOutcome train(
            RunFolder folder, TrainingPlan plan, SyntheticBlocks.Kind kind, long block, TrainingListener listener)
            throws IOException {
        SyntheticBlocks.Accident accident = new SyntheticBlocks.Accident(kind, List.of(block), temporary.toString());
        return new Trainer(context, folder, plan, SyntheticBlocks.of(500, accident), listener).train(false);
    }

    @Test
    void aLostExecutorsBlocksAreTrainedByTheOthers() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("lost"));
        Told told = new Told();
        TrainingPlan plan = plan(2, InnerState.LOCAL, new RoundPolicy(0, 0.5, 10));
        TrainingOutcome outcome = train(folder, plan, SyntheticBlocks.Kind.KILL_EXECUTOR, 39, told);
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(told.recoveries).isEmpty();
        assertThat(told.uncounted).hasSize(1);
        assertThat(told.uncounted.get(0).reason())
                .contains("executor ")
                .contains("exit code 137")
                .contains("in round ");
        assertThat(told.uncounted.get(0).blocks()).contains(new Positions(38, 40));
        assertThat(told.workers).contains(2).contains(3);
        CountedBlocks.requireEachOnce(folder, STEPS * 6);
    }

    @Test
    void aWorkerThatStandsStillIsReplaced() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("stopped"));
        Told told = new Told();
        TrainingPlan plan = plan(2, InnerState.RESET, new RoundPolicy(10, 0.3, 10));
        TrainingOutcome outcome = train(folder, plan, SyntheticBlocks.Kind.STOP_EXECUTOR, 39, told);
        requireLate(outcome, told, folder);
        assertThat(ProcessHandle.of(Long.parseLong(Files.readString(temporary.resolve("process-39")))))
                .as("the process that stood still")
                .isEmpty();
    }

    /** In the second step of a round: by then the others have what its executor holds of the parameters, and do not stand still with it. */
    @Test
    void aWorkerThatGoesOnAfterTheDeadlineTakesPartAgain() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("late"));
        Told told = new Told();
        TrainingPlan plan = plan(2, InnerState.LOCAL, new RoundPolicy(10, 0.3, 10));
        ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor();
        try {
            ScheduledFuture<?> waking = later.scheduleWithFixedDelay(
                    () -> goOnOnceStopped(temporary.resolve("process-45")), 0, 100, TimeUnit.MILLISECONDS);
            TrainingOutcome outcome = train(folder, plan, SyntheticBlocks.Kind.STOP_EXECUTOR, 45, told);
            requireLate(outcome, told, folder);
            assertThat(waking.isCancelled()).isFalse();
        } finally {
            later.shutdownNow();
        }
        long process = Long.parseLong(Files.readString(temporary.resolve("process-45")));
        assertThat(ProcessHandle.of(process)).as("the process that stood still").isPresent();
        assertThat(told.workers).endsWith(3);
    }

    private static void requireLate(TrainingOutcome outcome, Told told, RunFolder folder) throws IOException {
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(told.recoveries).isEmpty();
        assertThat(told.uncounted)
                .as("on a busy machine a worker that has just been started may be late too")
                .isNotEmpty()
                .allSatisfy(late -> assertThat(late.reason()).isEqualTo("it was not done 10 s after the round began"));
        CountedBlocks.requireEachOnce(folder, STEPS * 6);
    }

    /** A second behind the deadline of the round in which the process stopped. */
    private static void goOnOnceStopped(Path process) {
        try {
            if (Files.exists(process)
                    && System.currentTimeMillis()
                                    - Files.getLastModifiedTime(process).toMillis()
                            > 11_000) {
                TestProcess.signal("CONT", Long.parseLong(Files.readString(process)));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void blocksOnWhichAWorkerDivergedAreTrainedElsewhere() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("diverged"));
        Told told = new Told();
        TrainingPlan plan = plan(3, InnerState.LOCAL, new RoundPolicy(0, 0.5, 10));
        TrainingOutcome outcome = train(folder, plan, SyntheticBlocks.Kind.NOT_FINITE_ONCE, 39, told);
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(told.recoveries).isEmpty();
        assertThat(told.uncounted).hasSize(1);
        assertThat(told.uncounted.get(0).reason()).contains("the loss is NaN");
        CountedBlocks.requireEachOnce(folder, STEPS * 6);
    }

    @Test
    void blocksOnWhichThreeWorkersDivergeStopTheTrainingWithAGoodCheckpoint() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("cursed"));
        Told told = new Told();
        TrainingPlan plan = plan(3, InnerState.LOCAL, new RoundPolicy(0, 0.5, 10));
        assertThatThrownBy(() -> train(folder, plan, SyntheticBlocks.Kind.NOT_FINITE_ALWAYS, 39, told))
                .isInstanceOf(TrainingFailedException.class)
                .hasMessageContaining("3 times, on different workers")
                .hasMessageContaining("the loss is NaN")
                .hasMessageContaining("the checkpoint of round 6 is good");
        assertThat(told.uncounted)
                .extracting(TrainingListener.Uncounted::worker)
                .doesNotHaveDuplicates();
        assertThat(told.uncounted).hasSize(3);
        RunFolder again = folder;
        TrainingOutcome outcome =
                new Trainer(context, again, plan, SyntheticBlocks.of(500), TrainingListener.none()).train(true);
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        CountedBlocks.requireEachOnce(folder, STEPS * 6);
    }

    /** Three executors run four workers in turns; a fourth executor is not waited for. */
    private TrainingOutcome compare(RunFolder folder, boolean resume, SyntheticBlocks blocks, TrainingListener listener)
            throws IOException {
        String patience = "spark.scheduler.maxRegisteredResourcesWaitingTime";
        String before = context.sc().conf().get(patience);
        context.sc().conf().set(patience, "0");
        try {
            return new Trainer(context, folder, comparing(), blocks, listener).train(resume);
        } finally {
            context.sc().conf().set(patience, before);
        }
    }

    private SyntheticBlocks flippingBits(SyntheticBlocks.Kind kind) {
        return SyntheticBlocks.of(500, new SyntheticBlocks.Accident(kind, List.of(39L), temporary.toString()));
    }

    private static TrainingPlan comparing() {
        ClusterConfig cluster = new ClusterChange(TrainingFixture.cluster(4, 2, OuterOptimizer.nesterov(), 100))
                .workers(4, 4)
                .steps(8, 2)
                .rounds(new RoundPolicy(0, 0.5, 10))
                .done();
        return TrainingFixture.plan(TrainingFixture.adamW(STEPS), cluster);
    }

    @Test
    void aChangeFarLargerThanTheOthersIsRefusedAndItsBlocksAreTrainedElsewhere() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("flipped"));
        Told told = new Told();
        TrainingOutcome outcome = compare(folder, false, flippingBits(SyntheticBlocks.Kind.FLIP_BIT_ONCE), told);
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(told.recoveries).isEmpty();
        assertThat(told.uncounted).hasSize(1);
        TrainingListener.Uncounted refused = told.uncounted.get(0);
        assertThat(refused.reason())
                .matches("the norm of its change of the parameters is \\S+, more than 10 times the median of the"
                        + " others', \\S+");
        assertThat(refused.blocks()).anyMatch(blocks -> blocks.from() <= 39 && 39 < blocks.to());
        JsonNode line = CountedBlocks.rounds(folder).get(Math.toIntExact(refused.round()) - 1);
        assertThat(line.path("workers").asInt()).isEqualTo(3);
        assertThat(line.path("again")).singleElement().satisfies(again -> {
            assertThat(again.path("worker").asInt()).isEqualTo(refused.worker());
            assertThat(again.path("reason").asText()).isEqualTo(refused.reason());
            assertThat(again.path("blocks")).hasSameSizeAs(refused.blocks());
        });
        assertThat(told.workers).endsWith(4);
        CountedBlocks.requireEachOnce(folder, STEPS * 8);
    }

    @Test
    void blocksThatAlwaysSpoilAChangeStopTheTrainingWithAGoodCheckpoint() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("spoiling"));
        Told told = new Told();
        assertThatThrownBy(() -> compare(folder, false, flippingBits(SyntheticBlocks.Kind.FLIP_BIT_ALWAYS), told))
                .isInstanceOf(TrainingFailedException.class)
                .hasMessageContaining("were part of a refused change of the parameters 3 times, on different workers")
                .hasMessageContaining("more than 10 times the median of the others'")
                .hasMessageContaining("Look at these blocks")
                .hasMessageContaining("the checkpoint of round 5 is good");
        assertThat(told.uncounted)
                .extracting(TrainingListener.Uncounted::worker)
                .hasSize(3)
                .doesNotHaveDuplicates();
        TrainingOutcome outcome = compare(folder, true, SyntheticBlocks.of(500), TrainingListener.none());
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        CountedBlocks.requireEachOnce(folder, STEPS * 8);
    }
}
