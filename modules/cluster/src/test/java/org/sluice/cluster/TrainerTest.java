package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.model.DecoderConfig;
import org.sluice.training.ExpertLoad;
import org.sluice.training.NumericsException;
import org.sluice.training.StepResult;
import org.sluice.training.TrainingConfig;

@Timeout(120)
class TrainerTest {
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

    private RunFolder folder(String name) throws IOException {
        return TrainingFixture.folder(temporary.resolve(name));
    }

    @ParameterizedTest
    @CsvSource({"dense,1,false", "dense,4,false", "mixture,1,false", "mixture,4,false", "mixture,4,true"})
    void oneWorkerEqualsOneMachineBitForBit(String name, int localSteps, boolean partialSums) throws IOException {
        DecoderConfig model = TrainingFixture.model(name);
        TrainingConfig training = TrainingFixture.adamW(10);
        SyntheticBlocks blocks = SyntheticBlocks.of(37);
        RunFolder folder = folder("one");
        TrainingPlan plan = TrainingFixture.plan(
                model,
                training,
                TrainingFixture.cluster(1, localSteps, OuterOptimizer.average(), 100, WireFormat.FP32, partialSums));
        TrainingOutcome outcome = TrainingFixture.train(context, folder, plan, blocks);
        List<StepResult> results = new ArrayList<>();
        assertThat(TrainingFixture.parameters(folder))
                .containsExactly(TrainingFixture.onOneMachine(model, training, blocks, results));
        List<JsonNode> steps = folder.metrics().read().stream()
                .filter(event -> event.path("event").asText().equals("step"))
                .toList();
        assertThat(steps).hasSameSizeAs(results);
        for (int step = 0; step < steps.size(); step++) {
            assertThat(steps.get(step).path("step").asLong()).isEqualTo(step + 1);
            assertThat(steps.get(step).path("loss").asDouble())
                    .isEqualTo(results.get(step).loss());
            assertThat(steps.get(step).path("learningRate").asDouble())
                    .isEqualTo(results.get(step).learningRate());
            assertThat(steps.get(step).path("gradientNorm").asDouble())
                    .isCloseTo(results.get(step).gradientNorm(), within(1e-12));
            assertThat(steps.get(step).path("tokens").asLong()).isEqualTo((step + 1) * 5L * 12);
            assertThat(steps.get(step).path("tokensPerSecond").asDouble()).isPositive();
        }
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(outcome.finalLoss()).isEqualTo(results.get(9).loss());
        assertThat(outcome.progress().step()).isEqualTo(10);
        assertThat(outcome.progress().tokens()).isEqualTo(600);
    }

    @ParameterizedTest
    @CsvSource({"dense,2", "dense,3", "mixture,2", "mixture,3"})
    void averagingAfterEachStepEqualsTheWholeBatchOnOneMachine(String name, int workers) throws IOException {
        DecoderConfig model = TrainingFixture.model(name);
        TrainingConfig training = TrainingFixture.sgd(12);
        SyntheticBlocks blocks = SyntheticBlocks.of(37);
        RunFolder folder = folder("sgd");
        TrainingPlan plan = TrainingFixture.plan(
                model, training, TrainingFixture.cluster(workers, 1, OuterOptimizer.average(), 100));
        TrainingFixture.train(context, folder, plan, blocks);
        List<StepResult> results = new ArrayList<>();
        byte[] expected = TrainingFixture.onOneMachine(model, training, blocks, results);
        TrainingFixture.requireClose(TrainingFixture.parameters(folder), expected);
        List<JsonNode> steps = TrainingFixture.events(folder).stream()
                .filter(event -> event.path("event").asText().equals("step"))
                .toList();
        for (int step = 0; step < steps.size(); step++) {
            double loss = results.get(step).loss();
            assertThat(steps.get(step).path("loss").asDouble()).isCloseTo(loss, within(1e-5 * loss));
            requireSameLoad(model, steps.get(step), results.get(step));
        }
        assertThat(results.get(11).loss()).isLessThan(results.get(0).loss());
    }

    /** The line of a step tells the experts' load of all workers together; that of a dense model none. */
    private static void requireSameLoad(DecoderConfig model, JsonNode line, StepResult result) {
        if (!model.mixture().isPresent()) {
            assertThat(line.has("loadBalanceLoss")).isFalse();
            return;
        }
        ExpertLoad load = ExpertLoad.of(result.routing());
        assertThat(line.path("loadBalanceLoss").asDouble()).isCloseTo(load.loadBalanceLoss(), within(1e-5));
        assertThat(line.path("routerZLoss").asDouble()).isCloseTo(load.routerZLoss(), within(1e-5));
        assertThat(line.path("expertLargestShare").asDouble()).isEqualTo(load.largestShare());
        assertThat(line.path("expertIdleShare").asDouble()).isEqualTo(load.idleShare());
        assertThat(line.path("expertEntropy").asDouble()).isEqualTo(load.entropy());
    }

    @ParameterizedTest
    @CsvSource({
        "1,nesterov,FP32",
        "2,nesterov,FP32",
        "3,nesterov,FP32",
        "1,average,FP32",
        "3,average,FP32",
        "1,nesterov,BF16",
        "2,average,BF16",
        "3,average,BF16",
        "1,average,INT8",
        "2,nesterov,INT8",
        "3,nesterov,INT8"
    })
    void stoppedAndResumedTrainingIsTheUndisturbedOne(long stopAfter, String outer, WireFormat format)
            throws IOException {
        OuterOptimizer optimizer = outer.equals("nesterov")
                ? new OuterOptimizer(OuterOptimizer.NESTEROV, 0.7, 0.9, OuterOptimizer.LINEAR, 0.2)
                : OuterOptimizer.average();
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(10), TrainingFixture.cluster(2, 3, optimizer, 2, format, false));
        SyntheticBlocks blocks = SyntheticBlocks.of(37);
        RunFolder undisturbed = folder("undisturbed");
        TrainingFixture.train(context, undisturbed, plan, blocks);
        RunFolder stopped = folder("stopped");
        TrainingOutcome first = TrainingFixture.trainUntil(context, stopped, plan, blocks, stopAfter);
        assertThat(first.status()).isEqualTo(TrainingOutcome.Status.STOPPED);
        assertThat(first.progress().round()).isEqualTo(stopAfter);
        assertThat(first.checkpoint()).endsWith("round-0000000" + stopAfter);
        TrainingOutcome second = new Trainer(context, stopped, plan, blocks, TrainingListener.none()).train(true);
        assertThat(second.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(TrainingFixture.events(stopped)).isEqualTo(TrainingFixture.events(undisturbed));
        assertThat(TrainingFixture.hashes(stopped)).isEqualTo(TrainingFixture.hashes(undisturbed));
        assertThat(TrainingFixture.events(undisturbed).stream()
                        .map(event -> event.path("event").asText()))
                .startsWith("step", "step", "step", "round", "step", "step", "step", "round", "checkpoint")
                .endsWith("step", "round", "checkpoint");
        TrainingOutcome third = new Trainer(context, stopped, plan, blocks, TrainingListener.none()).train(true);
        assertThat(third.progress()).isEqualTo(second.progress());
        assertThat(third.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(TrainingFixture.events(stopped)).isEqualTo(TrainingFixture.events(undisturbed));
    }

    @Test
    void aDamagedCheckpointIsRefusedByNameAndTheOneBeforeIsTaken() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(10), TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 1));
        SyntheticBlocks blocks = SyntheticBlocks.of(37);
        RunFolder undisturbed = folder("undisturbed");
        TrainingFixture.train(context, undisturbed, plan, blocks);
        for (String file : List.of("model.safetensors", "outer.safetensors", "worker-00001.safetensors")) {
            RunFolder damaged = folder("damaged-" + file);
            TrainingFixture.trainUntil(context, damaged, plan, blocks, 3);
            flipOneBit(Path.of(damaged.checkpoints("baseline").toUri())
                    .resolve("round-00000003")
                    .resolve(file));
            List<String> refused = new ArrayList<>();
            List<Long> startedFrom = new ArrayList<>();
            TrainingListener listener = new TrainingListener() {
                @Override
                public void checkpointRefused(String message) {
                    refused.add(message);
                }

                @Override
                public void started(Start start) {
                    startedFrom.add(start.from().round());
                }
            };
            new Trainer(context, damaged, plan, blocks, listener).train(true);
            assertThat(refused).hasSize(1);
            assertThat(refused.get(0)).contains("round-00000003").contains(file);
            assertThat(startedFrom).containsExactly(2L);
            assertThat(TrainingFixture.events(damaged)).isEqualTo(TrainingFixture.events(undisturbed));
            assertThat(TrainingFixture.hashes(damaged)).isEqualTo(TrainingFixture.hashes(undisturbed));
        }
    }

    private static void flipOneBit(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 9] ^= 4;
        Files.write(file, bytes);
    }

    @Test
    void ifEveryCheckpointIsDamagedResumingSaysSo() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(4), TrainingFixture.cluster(1, 2, OuterOptimizer.average(), 10));
        RunFolder folder = folder("damaged");
        TrainingFixture.train(context, folder, plan, SyntheticBlocks.of(37));
        flipOneBit(Path.of(folder.checkpoints("baseline").toUri())
                .resolve("round-00000002")
                .resolve("model.safetensors"));
        Trainer trainer = new Trainer(context, folder, plan, SyntheticBlocks.of(37), TrainingListener.none());
        assertThatThrownBy(() -> trainer.train(true))
                .isInstanceOf(TrainingFailedException.class)
                .hasMessageContaining("round-00000002")
                .hasMessageContaining("model.safetensors");
    }

    @Test
    void onlyTheNewestCheckpointsAreKept() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(5), TrainingFixture.cluster(1, 1, OuterOptimizer.average(), 1));
        RunFolder folder = folder("kept");
        TrainingFixture.train(context, folder, plan, SyntheticBlocks.of(37));
        assertThat(folder.fileSystem().listStatus(folder.checkpoints("baseline")))
                .extracting(status -> status.getPath().getName())
                .containsExactlyInAnyOrder("round-00000004", "round-00000005");
        assertThat(folder.variants()).containsExactly("baseline");
    }

    @ParameterizedTest
    @EnumSource
    void aTaskThatFailsOnceChangesNothing(WireFormat format) throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(10), TrainingFixture.cluster(2, 3, OuterOptimizer.nesterov(), 2, format, false));
        RunFolder undisturbed = folder("undisturbed");
        TrainingFixture.train(context, undisturbed, plan, SyntheticBlocks.of(200));
        // In the second step of round 1, before any checkpoint; and of round 4, which is behind one.
        SyntheticBlocks.Accident accident =
                new SyntheticBlocks.Accident(SyntheticBlocks.Kind.FAIL_ONCE, List.of(6L, 34L), temporary.toString());
        RunFolder disturbed = folder("disturbed");
        List<TrainingListener.Recovery> recoveries = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void recovery(Recovery recovery) {
                recoveries.add(recovery);
            }
        };
        TrainingOutcome outcome =
                new Trainer(context, disturbed, plan, SyntheticBlocks.of(200, accident), listener).train(false);
        assertThat(outcome.recoveries()).isEqualTo(2);
        assertThat(recoveries).extracting(recovery -> recovery.backTo().round()).containsExactly(0L, 2L);
        assertThat(recoveries.get(0).cause()).contains("block 6 was unlucky");
        assertThat(TrainingFixture.events(disturbed)).isEqualTo(TrainingFixture.events(undisturbed));
        assertThat(TrainingFixture.hashes(disturbed)).isEqualTo(TrainingFixture.hashes(undisturbed));
    }

    @Test
    void whatFailsAgainAndAgainEndsWithItsCause() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(10), TrainingFixture.cluster(2, 3, OuterOptimizer.average(), 1));
        SyntheticBlocks.Accident accident =
                new SyntheticBlocks.Accident(SyntheticBlocks.Kind.FAIL_ALWAYS, List.of(20L), temporary.toString());
        RunFolder folder = folder("cursed");
        assertThatThrownBy(() -> TrainingFixture.train(context, folder, plan, SyntheticBlocks.of(200, accident)))
                .isInstanceOf(TrainingFailedException.class)
                .hasMessageContaining("3 times in a row")
                .hasMessageContaining("round 2")
                .hasMessageContaining("block 20 is cursed");
        assertThat(context.getPersistentRDDs()).isEmpty();
    }

    @Test
    void aLossThatIsNotFiniteEndsTheTrainingAtOnce() throws IOException {
        TrainingConfig divergent =
                new TrainingConfig(TrainingConfig.SGD, 1e30, 1e30, 0, 10, 0, 0, 1e-8, 0, 0, 0, 0, 0, 2, 11);
        TrainingPlan plan = TrainingFixture.plan(divergent, TrainingFixture.cluster(2, 2, OuterOptimizer.average(), 1));
        RunFolder folder = folder("divergent");
        List<TrainingListener.Recovery> recoveries = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void recovery(Recovery recovery) {
                recoveries.add(recovery);
            }
        };
        assertThatThrownBy(() -> new Trainer(context, folder, plan, SyntheticBlocks.of(200), listener).train(false))
                .isInstanceOf(NumericsException.class)
                .hasMessageContaining("step 2")
                .hasMessageContaining("blocks [");
        assertThat(recoveries).isEmpty();
    }

    @Test
    void anotherDatasetModelOrSettingIsRefusedWithEachDifference() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(4), TrainingFixture.cluster(2, 2, OuterOptimizer.average(), 1));
        RunFolder folder = folder("mismatch");
        SyntheticBlocks blocks = SyntheticBlocks.of(37);
        TrainingFixture.trainUntil(context, folder, plan, blocks, 1);
        SyntheticBlocks otherBlocks = new SyntheticBlocks("ffff", 37, 12, 32, blocks.accident());
        assertThatThrownBy(() -> resume(folder, plan, otherBlocks))
                .isInstanceOf(ResumeMismatchException.class)
                .hasMessageContaining("dataset.hash: 0123abcd in the checkpoint, ffff here");
        TrainingPlan otherRounds =
                TrainingFixture.plan(plan.training(), TrainingFixture.cluster(2, 3, OuterOptimizer.nesterov(), 1));
        assertThatThrownBy(() -> resume(folder, otherRounds, blocks))
                .hasMessageContaining("cluster.localSteps: 2 in the checkpoint, 3 here")
                .hasMessageContaining("cluster.outer.name: average in the checkpoint, nesterov here")
                .hasMessageNotContaining("keepCheckpoints");
        TrainingPlan otherModel = new TrainingPlan(
                "baseline", TrainingFixture.MODEL.withFfn(40), plan.training(), plan.cluster(), "synthetic");
        assertThatThrownBy(() -> resume(folder, otherModel, blocks)).hasMessageContaining("model: ");
        ClusterConfig often = new ClusterChange(plan.cluster())
                .workers(2, 1)
                .rounds(new RoundPolicy(60, 0.5, 10))
                .checkpoints(7, 9)
                .asynchronousCheckpoints(false)
                .sliceElements(100)
                .recoveries(1)
                .done();
        TrainingPlan sameNumbers = TrainingFixture.plan(plan.training(), often);
        assertThat(resume(folder, sameNumbers, blocks).status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
    }

    @Test
    void whatTravelsAndTheOuterScheduleMayNotChange() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(4), TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 1));
        RunFolder folder = folder("mismatch");
        SyntheticBlocks blocks = SyntheticBlocks.of(37);
        TrainingFixture.trainUntil(context, folder, plan, blocks, 1);
        OuterOptimizer linear = new OuterOptimizer(OuterOptimizer.NESTEROV, 0.7, 0.9, OuterOptimizer.LINEAR, 0.1);
        TrainingPlan other =
                TrainingFixture.plan(plan.training(), TrainingFixture.cluster(2, 2, linear, 1, WireFormat.INT8, false));
        assertThatThrownBy(() -> resume(folder, other, blocks))
                .isInstanceOf(ResumeMismatchException.class)
                .hasMessageContaining("cluster.wireFormat: nothing in the checkpoint, INT8 here")
                .hasMessageContaining("cluster.outer.schedule: nothing in the checkpoint, linear here")
                .hasMessageContaining("cluster.outer.finalLearningRate: nothing in the checkpoint, 0.1 here");
    }

    /** Where blocks of int8 end with slices, slices may be larger or smaller; elsewhere their size decides what is rounded together. */
    @Test
    void slicesOfInt8MayChangeOnlyBetweenWholeBlocks() throws IOException {
        SyntheticBlocks blocks = SyntheticBlocks.of(37);
        for (int[] sizes : new int[][] {{500, 501, 0}, {512, 500, 0}, {512, 1024, 1}}) {
            RunFolder folder = folder("slices-" + sizes[0] + "-" + sizes[1]);
            TrainingFixture.trainUntil(context, folder, ofSlices(sizes[0]), blocks, 1);
            if (sizes[2] == 0) {
                assertThatThrownBy(() -> resume(folder, ofSlices(sizes[1]), blocks))
                        .hasMessageContaining("cluster.sliceElements: " + sizes[0] + " in the checkpoint, " + sizes[1]);
            } else {
                RunFolder undisturbed = folder("undisturbed");
                TrainingFixture.train(context, undisturbed, ofSlices(sizes[0]), blocks);
                resume(folder, ofSlices(sizes[1]), blocks);
                assertThat(TrainingFixture.hashes(folder)).isEqualTo(TrainingFixture.hashes(undisturbed));
            }
        }
    }

    private static TrainingPlan ofSlices(int sliceElements) {
        return TrainingFixture.plan(
                TrainingFixture.adamW(4),
                new ClusterChange(TrainingFixture.cluster(2, 2, OuterOptimizer.average(), 1, WireFormat.INT8, false))
                        .sliceElements(sliceElements)
                        .done());
    }

    /** The changes of training are so small that their rounding shows only beside what training does at all. */
    @ParameterizedTest
    @CsvSource({"dense,BF16", "dense,INT8", "mixture,INT8"})
    void roundedChangesTrainAsWholeParametersDo(String name, WireFormat format) throws IOException {
        DecoderConfig model = TrainingFixture.model(name);
        SyntheticBlocks blocks = SyntheticBlocks.of(37);
        List<Double> losses = new ArrayList<>();
        for (WireFormat each : List.of(WireFormat.FP32, format)) {
            RunFolder folder = folder(each.toString());
            TrainingPlan plan = TrainingFixture.plan(
                    model,
                    TrainingFixture.adamW(24),
                    TrainingFixture.cluster(2, 2, OuterOptimizer.average(), 100, each, false));
            losses.add(TrainingFixture.train(context, folder, plan, blocks).finalLoss());
        }
        assertThat(losses.get(1)).isNotEqualTo(losses.get(0)).isCloseTo(losses.get(0), within(0.02 * losses.get(0)));
    }

    private static TrainingOutcome resume(RunFolder folder, TrainingPlan plan, BlockSource blocks) throws IOException {
        return new Trainer(context, folder, plan, blocks, TrainingListener.none()).train(true);
    }

    @Test
    void trainingDoesNotBeginWhereThereIsTrainingAlready() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(2), TrainingFixture.cluster(1, 1, OuterOptimizer.average(), 1));
        RunFolder folder = folder("existing");
        SyntheticBlocks blocks = SyntheticBlocks.of(37);
        TrainingFixture.train(context, folder, plan, blocks);
        List<JsonNode> before = folder.metrics().read();
        assertThatThrownBy(() -> TrainingFixture.train(context, folder, plan, blocks))
                .isInstanceOf(RunExistsException.class)
                .hasMessageContaining("baseline")
                .hasMessageContaining("resume it");
        assertThat(folder.metrics().read()).isEqualTo(before);
        TrainingPlan other = new TrainingPlan("gated", plan.model(), plan.training(), plan.cluster(), plan.dataset());
        TrainingFixture.train(context, folder, other, blocks);
        assertThat(folder.metrics().read()).hasSize(2 * before.size()).startsWith(before.toArray(JsonNode[]::new));
        assertThat(folder.variants()).containsExactly("baseline", "gated");
    }

    @Test
    void tooFewBlocksOrTooSmallAVocabularyIsSaidBeforeTraining() throws IOException {
        RunFolder folder = folder("few");
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(2), TrainingFixture.cluster(2, 1, OuterOptimizer.average(), 1));
        assertThatThrownBy(() -> new Trainer(context, folder, plan, SyntheticBlocks.of(4), TrainingListener.none()))
                .hasMessageContaining("4 training blocks")
                .hasMessageContaining("takes 5");
        SyntheticBlocks large =
                new SyntheticBlocks("0", 37, 12, 33, SyntheticBlocks.of(1).accident());
        assertThatThrownBy(() -> new Trainer(context, folder, plan, large, TrainingListener.none()))
                .hasMessageContaining("vocabulary (32)")
                .hasMessageContaining("33");
        assertThatThrownBy(() -> TrainingFixture.cluster(6, 1, OuterOptimizer.average(), 1))
                .hasMessageContaining("blocksPerStep (5)")
                .hasMessageContaining("workers (6)");
    }
}
