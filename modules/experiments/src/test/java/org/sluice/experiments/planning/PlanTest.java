package org.sluice.experiments.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.OptionalDouble;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.sluice.cluster.ClusterConfig;
import org.sluice.cluster.InnerState;
import org.sluice.cluster.OuterOptimizer;
import org.sluice.cluster.Streaming;
import org.sluice.cluster.TrainingPlan;
import org.sluice.cluster.WireFormat;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.cluster.control.RunShape;
import org.sluice.cluster.simulation.ClusterModel;
import org.sluice.cluster.simulation.Fault;
import org.sluice.cluster.simulation.FaultSchedule;
import org.sluice.cluster.simulation.Simulation;
import org.sluice.model.DecoderConfig;
import org.sluice.model.FlopsPerToken;
import org.sluice.model.ModelScale;
import org.sluice.model.Presets;
import org.sluice.tensor.Precision;
import org.sluice.training.TrainingConfig;

/** The arithmetic of plans, against numbers that are worked out here by other ways. */
class PlanTest {
    private static final int BLOCK_LENGTH = 64;
    private static final DecoderConfig MODEL = Presets.TINY;
    private static final double PARAMETERS = MODEL.parameters();
    private static final Offset<Double> ROUNDING = within(1e-9);

    private static TrainingConfig training(long steps, int microBatch) {
        return new TrainingConfig(
                TrainingConfig.ADAMW, 1e-3, 1e-4, 0, steps, 0.9, 0.95, 1e-8, 0.1, 1, 0, 0.01, 1e-3, microBatch, 1);
    }

    private static ClusterConfig settings(WireFormat format, boolean partialSums, Streaming streaming) {
        return settings(format, partialSums, streaming, 12);
    }

    private static ClusterConfig settings(
            WireFormat format, boolean partialSums, Streaming streaming, int blocksPerStep) {
        return new ClusterConfig(
                4,
                4,
                blocksPerStep,
                10,
                InnerState.LOCAL,
                RoundPolicy.STRICT,
                OuterOptimizer.nesterov(),
                5,
                2,
                true,
                1 << 12,
                3,
                "auto",
                Precision.FP32,
                format,
                partialSums,
                true,
                streaming,
                0);
    }

    private static TrainingPlan plan(DecoderConfig model, ClusterConfig settings) {
        return new TrainingPlan("baseline", model, training(1000, 2), settings, "none");
    }

    /** Two hosts of two workers with two cores each, 10 Gb/s, 1 GB/s, 0.001 TFLOP/s a worker. */
    private static ClusterDescription cluster(long memoryBytes, double faultHours) {
        return new ClusterDescription(
                WorkerKind.named("cpu"), 2, 2, 2, memoryBytes, 0, 10, 1, OptionalDouble.of(0.001), 2, faultHours, 5, 0);
    }

    private static Plan planned(WireFormat format, boolean partialSums, Streaming streaming) {
        return Plan.of(plan(MODEL, settings(format, partialSums, streaming)), BLOCK_LENGTH, cluster(1L << 40, 0));
    }

    @Test
    void aStepTakesTheTokensOfTheLargestWorkerWithItsPadding() {
        StepTime step = planned(WireFormat.FP32, false, Streaming.NONE).step();
        // 12 blocks for 4 workers are 3 each, in two micro-batches of 2.
        assertThat(step.blocks()).isEqualTo(3);
        assertThat(step.passes()).isEqualTo(2);
        assertThat(step.counted()).isFalse();
        double flops = FlopsPerToken.of(MODEL, BLOCK_LENGTH).total();
        assertThat(step.computeSeconds()).isCloseTo(2 * 2 * 64 * flops / 1e9, ROUNDING);
        // Nine passes of 4 bytes over the parameters, at 22 GB/s for each of two cores.
        assertThat(step.optimizerSeconds()).isCloseTo(9 * 4 * PARAMETERS / 44e9, ROUNDING);
    }

    @Test
    void expertsAreCountedByAForwardPassWhereAStepIsMoreThanOneMicroBatch() {
        DecoderConfig mixture = Presets.named("moe-15a2b", ModelScale.TINY);
        StepTime step = StepTime.of(
                plan(mixture, settings(WireFormat.FP32, false, Streaming.NONE)), BLOCK_LENGTH, cluster(1L << 40, 0));
        assertThat(step.counted()).isTrue();
        double flops = FlopsPerToken.of(mixture, BLOCK_LENGTH).total();
        assertThat(step.computeSeconds()).isCloseTo(256 * flops * 4 / 3 / 1e9, within(1e-6));
    }

    @Test
    void aHostCarriesWhatItsWorkersExchangeWithOtherHosts() {
        ExchangeTime whole = planned(WireFormat.FP32, false, Streaming.NONE).exchange();
        assertThat(whole.receivedBytes()).isEqualTo(8 * MODEL.parameters());
        // Two workers send 4 bytes a parameter and two take 4, half of it from and to the other host.
        assertThat(whole.hostBytes()).isEqualTo(8 * MODEL.parameters());
        assertThat(whole.networkSeconds()).isCloseTo(8 * PARAMETERS / 1.25e9, ROUNDING);
        assertThat(whole.processorSeconds()).isCloseTo(4 * PARAMETERS * (1.9 + 3.0 / 2) * 1e-9, ROUNDING);
        assertThat(whole.secondsOfRound())
                .isCloseTo(whole.networkSeconds() + whole.processorSeconds() + 0.25, ROUNDING);

        ExchangeTime summed = planned(WireFormat.FP32, true, Streaming.NONE).exchange();
        assertThat(summed.hostBytes()).isEqualTo(6 * MODEL.parameters());
        assertThat(summed.receivedBytes()).isEqualTo(6 * MODEL.parameters());

        ExchangeTime rounded = planned(WireFormat.BF16, false, Streaming.NONE).exchange();
        assertThat(rounded.hostBytes()).isEqualTo(4 * MODEL.parameters());
    }

    @Test
    void ofAnOverlappedExchangeOnlyWhatTheNextRoundDoesNotHideIsWaitedFor() {
        ExchangeTime exchange =
                planned(WireFormat.FP32, false, new Streaming(5, true)).exchange();
        double round = (exchange.networkSeconds() + exchange.processorSeconds()) / 5 + 0.25;
        assertThat(exchange.secondsOfRound()).isCloseTo(round, ROUNDING);
        assertThat(exchange.waitedSeconds(round + 1)).isZero();
        assertThat(exchange.waitedSeconds(round - 0.1)).isCloseTo(0.1, ROUNDING);
    }

    @Test
    void aCheckpointHoldsModelOuterMomentumAndEveryWorkersState() {
        CheckpointTime checkpoint =
                planned(WireFormat.FP32, false, Streaming.NONE).checkpoint();
        assertThat(checkpoint.bytes()).isEqualTo((4 + 4 + 4 * 8) * MODEL.parameters());
        assertThat(checkpoint.keptBytes()).isEqualTo(3 * checkpoint.bytes());
        // Each of two hosts writes half of model and momentum, and two states.
        assertThat(checkpoint.seconds()).isCloseTo((4 + 2 * 8) * PARAMETERS / 1e9, ROUNDING);
        assertThat(planned(WireFormat.BF16, false, Streaming.NONE).checkpoint().bytes())
                .isEqualTo((4 + 4 + 4 + 4 * 12) * MODEL.parameters());
    }

    @Test
    void anExecutorHasRoomForAllWorkersOfItsHost() {
        DecoderConfig model = Presets.DENSE_1_7B_28L;
        Plan plan = Plan.of(
                plan(model, settings(WireFormat.FP32, false, new Streaming(5, true))), 4096, cluster(1L << 40, 0));
        ExecutorSize executor = plan.executor();
        assertThat(executor.heapBytes() + executor.overheadBytes())
                .isEqualTo(2 * plan.memory().ofWorker());
        assertThat(executor.directBytes()).isEqualTo(2 * 8 * model.parameters());
        // Two workers of two cores, and one for the exchange that goes on beside them.
        assertThat(executor.cores()).isEqualTo(5);
    }

    @Test
    void sizesAreRoundedUpAndDirectBuffersAreOnlyLimitedWhereTheyAreMoreThanTheHeap() {
        assertThat(new ExecutorSize(2, 5, 8L << 30, (40L << 30) + 1, 9L << 30).settings())
                .containsExactly(
                        entry("spark.executor.cores", "5"),
                        entry("spark.executor.memory", "8192m"),
                        entry("spark.executor.memoryOverhead", "41216m"),
                        entry("spark.executor.extraJavaOptions", "-XX:MaxDirectMemorySize=9216m"));
        assertThat(new ExecutorSize(2, 5, 8L << 30, 40L << 30, 8L << 30).settings())
                .doesNotContainKey("spark.executor.extraJavaOptions");
    }

    @Test
    void anExecutorForASmallModelHasTheHeapThatSparkItselfNeeds() {
        assertThat(planned(WireFormat.FP32, false, Streaming.NONE).executor().settings())
                .containsEntry("spark.executor.cores", "4")
                .containsEntry("spark.executor.memory", "1024m");
    }

    @Test
    void withoutFaultsATrainingIsItsRoundsAndItsBeginningAndEnd() {
        Plan plan = planned(WireFormat.FP32, false, Streaming.NONE);
        double round = plan.trainSeconds() + plan.exchange().secondsOfRound();
        double expected = 100 * round
                + plan.checkpoint().loadSeconds()
                + plan.checkpoint().seconds();
        assertThat(plan.course().undisturbedSeconds()).isCloseTo(expected, within(expected * 1e-6));
        assertThat(plan.course().usefulShare()).isEqualTo(1);
        // Four workers whose times have a deviation of 1 %: the slowest is about 1 % late.
        assertThat(plan.course().slowest()).isBetween(1.005, 1.02);
        assertThat(plan.tokens()).isEqualTo(1000L * 12 * 64);
        assertThat(plan.tokensPerDay())
                .isCloseTo(plan.tokens() * 86_400 / expected, within(1e-6 * plan.tokensPerDay()));
        assertThat(plan.cost()).isCloseTo(2 * 4 * expected / 3600, within(1e-6 * plan.cost()));
    }

    /** Where a loss sends all back it does not matter how many they are: the same faults, on 16 workers and on 200. */
    @Test
    void aSmallCrewWithTheFaultsOfTheWholeOneLosesAsMuchTime() {
        RunShape shape = new RunShape(40_000, 200, 10, 200, 200, 5, 10, 1, false);
        ClusterDescription cluster = cluster(1, 2000);
        ExchangeTime exchange = new ExchangeTime(0, 0, 10, 0, 0, 1, false);
        CheckpointTime checkpoint = new CheckpointTime(0, 0, 0, 0, 0, 60, 60);
        Course small = Course.of(shape, cluster, 4, exchange, checkpoint);
        assertThat(small.secondsBetweenFaults()).isEqualTo(36_000);

        ClusterModel model = new ClusterModel(200, 4 * small.slowest(), 0, 10, 60, 60);
        double undisturbed = Simulation.run(shape, RoundPolicy.STRICT, model, FaultSchedule.NONE, 2)
                .seconds();
        FaultSchedule faults = FaultSchedule.random(2, List.of(Fault.Kind.EXECUTOR), 200, 36_000, 300, 3 * undisturbed);
        double whole = undisturbed
                / Simulation.run(shape, RoundPolicy.STRICT, model, faults, 2).seconds();
        assertThat(small.usefulShare()).isBetween(0.9, 0.999).isCloseTo(whole, within(0.01));
    }

    @Test
    void aTrainingThatIsSentBackBeforeACheckpointIsWholeNeverEnds() {
        Plan plan = Plan.of(
                plan(MODEL, settings(WireFormat.FP32, false, Streaming.NONE)), BLOCK_LENGTH, cluster(1L << 40, 0.001));
        assertThat(plan.fits()).isFalse();
        assertThat(plan.days()).isInfinite();
        assertThat(plan.tokensPerDay()).isZero();
        assertThat(plan.problems()).anyMatch(problem -> problem.contains("does not get to its end"));
        assertThat(plan.changes()).anyMatch(change -> change.contains("cluster.checkpointRounds: 1"));
    }

    @Test
    void whatIsSaidToMakeATrainingFitDoes() {
        TrainingPlan wide = new TrainingPlan(
                "baseline", MODEL, training(1000, 64), settings(WireFormat.FP32, false, Streaming.NONE, 256), "none");
        long whole = MemoryPlan.of(wide, BLOCK_LENGTH, cluster(1, 0)).ofWorker();
        ClusterDescription tight = cluster(whole - 20_000_000, 0);
        Plan plan = Plan.of(wide, BLOCK_LENGTH, tight);
        assertThat(plan.fits()).isFalse();
        assertThat(plan.problems()).hasSize(1);
        List<MemoryChanges.Change> changes = new MemoryChanges(wide, BLOCK_LENGTH, tight).thatFit();
        assertThat(changes).isNotEmpty();
        assertThat(changes.get(0).settings()).startsWith("training.microBatch: ");
        assertThat(changes).allSatisfy(change -> assertThat(
                        Plan.of(change.plan(), BLOCK_LENGTH, tight).fits())
                .isTrue());
    }

    @Test
    void aModelWhoseStateAloneIsTooLargeIsSaidToBeBeyondAllSettings() {
        TrainingPlan mixture = plan(Presets.MOE_15A2B, settings(WireFormat.FP32, false, Streaming.NONE));
        Plan plan = Plan.of(mixture, 4096, cluster(64L << 30, 0));
        assertThat(plan.fits()).isFalse();
        assertThat(plan.problems()).anyMatch(problem -> problem.contains("no setting of the job makes it fit"));
        assertThat(plan.changes()).anyMatch(change -> change.startsWith("workers with at least "));
    }

    @Test
    void anUnknownKindIsRefusedWithThoseThatThereAre() {
        assertThatThrownBy(() -> WorkerKind.named("h20"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("did you mean 'h200'")
                .hasMessageContaining("a100");
    }
}
