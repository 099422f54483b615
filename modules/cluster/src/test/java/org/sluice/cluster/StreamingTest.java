package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.StageInfo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.jdk.javaapi.CollectionConverters;

/** Exchange by fragments, and while the next round trains. */
@Timeout(120)
class StreamingTest {
    private static final long STEPS = 24;
    private static final SyntheticBlocks BLOCKS = SyntheticBlocks.of(137);

    private static JavaSparkContext context;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() {
        // Two workers that train, and the exchange beside them.
        context = SparkSessions.local(4);
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    private static TrainingPlan plan(OuterOptimizer outer, WireFormat format, int fragments, boolean overlap) {
        return plan("dense", outer, format, fragments, overlap);
    }

    private static TrainingPlan plan(
            String model, OuterOptimizer outer, WireFormat format, int fragments, boolean overlap) {
        return TrainingFixture.plan(
                TrainingFixture.model(model),
                TrainingFixture.adamW(STEPS),
                new ClusterChange(TrainingFixture.cluster(2, 2, outer, 5, format, false))
                        .sliceElements(100)
                        .streaming(fragments, overlap)
                        .done());
    }

    private byte[] train(String name, TrainingPlan plan) throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve(name));
        TrainingFixture.train(context, folder, plan, BLOCKS);
        CountedBlocks.requireEachOnce(folder, STEPS * plan.cluster().blocksPerStep());
        return TrainingFixture.parameters(folder);
    }

    @ParameterizedTest
    @CsvSource({
        "average,  3, false",
        "nesterov, 3, false",
        "average,  1, true",
        "nesterov, 1, true",
        "nesterov, 3, true",
        "nesterov, 5, true"
    })
    void theRoundsAreThoseOfPlainLoops(String outer, int fragments, boolean overlap) throws IOException {
        OuterOptimizer optimizer = outer.equals("nesterov") ? OuterOptimizer.nesterov() : OuterOptimizer.average();
        TrainingPlan plan = plan(optimizer, WireFormat.FP32, fragments, overlap);
        byte[] found = train("run", plan);
        try (SlowStreaming slow = new SlowStreaming(plan, BLOCKS)) {
            TrainingFixture.requireClose(found, slow.train());
        }
        assertThat(found).isNotEqualTo(train("at once", plan(optimizer, WireFormat.FP32, 1, false)));
    }

    /** What rounding leaves over is kept slice by slice, and nothing of it is lost or sent twice. */
    @ParameterizedTest
    @CsvSource({"dense, BF16, 3, true", "dense, INT8, 3, false", "dense, INT8, 3, true", "mixture, INT8, 2, true"})
    void roundedChangesTrainAsWholeParametersDo(String model, WireFormat format, int fragments, boolean overlap)
            throws IOException {
        OuterOptimizer outer = OuterOptimizer.nesterov();
        RunFolder whole = TrainingFixture.folder(temporary.resolve("whole"));
        TrainingFixture.train(context, whole, plan(model, outer, WireFormat.FP32, fragments, overlap), BLOCKS);
        RunFolder rounded = TrainingFixture.folder(temporary.resolve("rounded"));
        TrainingFixture.train(context, rounded, plan(model, outer, format, fragments, overlap), BLOCKS);
        double expected = lastLoss(whole);
        assertThat(lastLoss(rounded)).isCloseTo(expected, within(0.02 * expected));
    }

    private static double lastLoss(RunFolder folder) throws IOException {
        return TrainingFixture.events(folder).stream()
                .filter(event -> event.path("event").asText().equals("step"))
                .reduce((first, second) -> second)
                .orElseThrow()
                .path("loss")
                .asDouble();
    }

    /** At a checkpoint all is exchanged: what goes on from it has the bits of what was never stopped there. */
    @ParameterizedTest
    @CsvSource({"FP32, 3, true", "INT8, 3, true", "INT8, 2, false"})
    void whatGoesBackToACheckpointGetsTheSameBits(WireFormat format, int fragments, boolean overlap)
            throws IOException {
        TrainingPlan plan = plan(OuterOptimizer.nesterov(), format, fragments, overlap);
        RunFolder undisturbed = TrainingFixture.folder(temporary.resolve("undisturbed"));
        TrainingFixture.train(context, undisturbed, plan, BLOCKS);
        RunFolder disturbed = TrainingFixture.folder(temporary.resolve("disturbed"));
        // In round 8, three rounds behind the checkpoint.
        SyntheticBlocks failing = SyntheticBlocks.of(
                BLOCKS.trainBlocks(),
                new SyntheticBlocks.Accident(
                        SyntheticBlocks.Kind.FAIL_ONCE,
                        List.of(72L),
                        Files.createDirectories(temporary.resolve("accidents")).toString()));
        List<Long> back = new ArrayList<>();
        TrainingOutcome outcome = new Trainer(context, disturbed, plan, failing, new TrainingListener() {
                    @Override
                    public void recovery(Recovery recovery) {
                        back.add(recovery.backTo().round());
                    }
                })
                .train(false);
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(back).containsExactly(5L);
        assertThat(TrainingFixture.hashes(disturbed)).isEqualTo(TrainingFixture.hashes(undisturbed));
        assertThat(TrainingFixture.events(disturbed)).isEqualTo(TrainingFixture.events(undisturbed));
    }

    /** A worker's second round does not end before the first one's exchange has: it would be waited for in vain if that did not go on beside it. */
    @Test
    void theExchangeGoesOnWhileTheNextRoundTrains() throws IOException {
        TrainingPlan plan = plan(OuterOptimizer.nesterov(), WireFormat.FP32, 1, true);
        // The first block of the second round.
        HeldUpBlocks blocks = new HeldUpBlocks(BLOCKS, 10, temporary.toString());
        SparkListener watching = new SparkListener() {
            @Override
            public void onStageCompleted(SparkListenerStageCompleted completed) {
                if (isExchange(completed.stageInfo())) {
                    blocks.letGo();
                }
            }
        };
        context.sc().addSparkListener(watching);
        try {
            TrainingOutcome outcome =
                    TrainingFixture.train(context, TrainingFixture.folder(temporary.resolve("run")), plan, blocks);
            assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
            assertThat(outcome.recoveries()).isZero();
        } finally {
            context.sc().removeSparkListener(watching);
        }
    }

    /** A round of one of five fragments moves a fifth of what one does that exchanges all, but for what a slice takes beside its values. */
    @Test
    void aRoundMovesTheBytesOfItsFragment() throws IOException {
        long whole = smallestRound("whole", 1);
        long fragment = smallestRound("fragment", 5);
        assertThat(5.0 * fragment / whole).isBetween(0.8, 1.3);
    }

    /** The bytes of the round that moved the least. */
    private long smallestRound(String name, int fragments) throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve(name));
        TrainingPlan plan = plan(OuterOptimizer.average(), WireFormat.FP32, fragments, false);
        TrainingFixture.train(context, folder, plan, BLOCKS);
        return folder.metrics().read().stream()
                .filter(event -> event.path("event").asText().equals("round"))
                .mapToLong(event -> event.path("bytes").asLong())
                .filter(bytes -> bytes > 0)
                .min()
                .orElseThrow();
    }

    private static boolean isExchange(StageInfo stage) {
        return CollectionConverters.asJava(stage.rddInfos()).stream()
                .anyMatch(info -> info.name().equals("OuterUpdateRdd"));
    }

    /** A stop exchanges all that is left: the blocks are counted once, and training goes on from there. */
    @Test
    void aStoppedTrainingGoesOn() throws IOException {
        TrainingPlan plan = plan(OuterOptimizer.nesterov(), WireFormat.FP32, 3, true);
        RunFolder folder = TrainingFixture.folder(temporary.resolve("stopped"));
        TrainingOutcome stopped = TrainingFixture.trainUntil(context, folder, plan, BLOCKS, 7);
        assertThat(stopped.status()).isEqualTo(TrainingOutcome.Status.STOPPED);
        new Trainer(context, folder, plan, BLOCKS, TrainingListener.none()).train(true);
        CountedBlocks.requireEachOnce(folder, STEPS * plan.cluster().blocksPerStep());
    }

    @Test
    void whatCannotBeStreamedIsRefusedWithWhatToDo() {
        ClusterConfig fixed = TrainingFixture.cluster(4, 3, OuterOptimizer.average(), 2);
        assertThatThrownBy(() -> new ClusterChange(fixed)
                        .workers(4, 2)
                        .streaming(2, false)
                        .done())
                .hasMessageContaining("minWorkers is less than workers")
                .hasMessageContaining("Leave minWorkers out");
        assertThatThrownBy(() ->
                        new ClusterChange(fixed).steps(5, 1).streaming(1, true).done())
                .hasMessageContaining("localSteps is 1")
                .hasMessageContaining("Raise localSteps");
        assertThatThrownBy(() -> new ClusterChange(fixed)
                        .innerState(InnerState.AVERAGED)
                        .streaming(2, true)
                        .done())
                .hasMessageContaining("innerState is averaged")
                .hasMessageContaining("local or reset");
        assertThatThrownBy(() -> new Streaming(0, false)).hasMessageContaining("streaming.fragments is 0");
        assertThatThrownBy(() -> SliceLayout.of(1000, 500, 2, 3))
                .hasMessageContaining("streaming.fragments is 3")
                .hasMessageContaining("2 slices");
    }
}
