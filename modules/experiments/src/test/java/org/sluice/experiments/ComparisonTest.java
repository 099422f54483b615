package org.sluice.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.TrainingListener;
import org.sluice.experiments.report.RunReport;
import org.sluice.experiments.report.VariantReport;
import org.sluice.model.DecoderConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.checkpoint.Checkpoint;

class ComparisonTest {
    private static final RunDescription DESCRIPTION = new RunDescription("name: small\n", "jobs/sluice run small.yaml");

    private static SmallWorld world;

    @TempDir
    private static Path corpus;

    @TempDir
    private Path runs;

    @BeforeAll
    static void start() {
        world = SmallWorld.create(corpus, 0.2);
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @Test
    void trainsEvaluatesAndReportsEachVariantOnce() throws IOException {
        ComparisonPlan plan = world.plan("baseline", "sdpa-elementwise");
        RunFolder folder = folder("run");
        Watcher watcher = new Watcher();

        ComparisonOutcome outcome = comparison(folder, plan, watcher).run(false);

        assertThat(outcome.completed()).isTrue();
        RunReport report = outcome.report().orElseThrow();
        assertThat(report.variants()).extracting(VariantReport::name).containsExactly("baseline", "sdpa-elementwise");
        for (VariantReport variant : report.variants()) {
            assertThat(variant.perplexityFall().orElseThrow()).isGreaterThan(3);
            assertThat(variant.curve()).hasSize(12);
            assertThat(variant.trainTokens()).isEqualTo(12L * 4 * SmallWorld.BLOCK_LENGTH);
            assertThat(variant.tokensPerSecond()).isPositive();
        }
        assertThat(report.variants().get(0).trained().meanGateScore()).isEmpty();
        assertThat(report.variants().get(1).trained().meanGateScore())
                .hasValueSatisfying(score -> assertThat(score).isBetween(0.0, 1.0));
        assertThat(watcher.events)
                .containsExactly(
                        "baseline untrained",
                        "baseline trained",
                        "sdpa-elementwise untrained",
                        "sdpa-elementwise trained");
        JsonNode json =
                new ObjectMapper().readTree(runs.resolve("run/report.json").toFile());
        assertThat(json.at("/variants/baseline/heldOutLoss").doubleValue())
                .isEqualTo(report.variants().get(0).trained().heldOutLoss());
        assertThat(json.at("/variants/baseline/domains/code/loss").isNumber()).isTrue();
        assertThat(json.at("/variants/sdpa-elementwise/gates/0/position").textValue())
                .isEqualTo("sdpa_output");
        assertThat(json.at("/provenance/seeds/training").longValue()).isEqualTo(7);
        assertThat(json.at("/provenance/seeds/data").longValue()).isEqualTo(11);
        assertThat(json.at("/provenance/datasetHash").textValue()).isEqualTo(world.dataset.hash());
        assertThat(json.at("/provenance/jobFile").textValue()).isEqualTo("name: small\n");
        assertThat(Files.readString(runs.resolve("run/report.html"))).contains("sdpa-elementwise", "<svg");

        List<String> metrics = Files.readAllLines(runs.resolve("run/metrics.jsonl"));
        Watcher second = new Watcher();
        assertThat(comparison(folder, plan, second).run(true).completed()).isTrue();
        assertThat(Files.readAllLines(runs.resolve("run/metrics.jsonl"))).isEqualTo(metrics);
        assertThat(second.events).containsExactly("baseline finished before", "sdpa-elementwise finished before");
        assertThatThrownBy(() -> comparison(folder, plan, new Watcher()).run(false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("holds results of 'baseline' already");
        assertThat(Files.readAllLines(runs.resolve("run/metrics.jsonl"))).isEqualTo(metrics);
    }

    @Test
    void aStoppedComparisonGoesOnToTheSameResult() throws IOException {
        ComparisonPlan plan = world.plan("baseline", "sdpa-headwise");
        ComparisonOutcome undisturbed =
                comparison(folder("undisturbed"), plan, new Watcher()).run(false);
        RunFolder folder = folder("stopped");
        StopAfterRound stop = new StopAfterRound("sdpa-headwise", 2);
        Comparison first = comparison(folder, plan, stop);
        stop.comparison = first;

        ComparisonOutcome stopped = first.run(false);
        assertThat(stopped.completed()).isFalse();
        assertThat(stopped.report().orElseThrow().variants())
                .extracting(VariantReport::name)
                .containsExactly("baseline");
        ComparisonOutcome resumed = comparison(folder, plan, new Watcher()).run(true);

        assertThat(resumed.completed()).isTrue();
        List<VariantReport> expected = undisturbed.report().orElseThrow().variants();
        List<VariantReport> found = resumed.report().orElseThrow().variants();
        for (int index = 0; index < expected.size(); index++) {
            assertThat(found.get(index).trained()).isEqualTo(expected.get(index).trained());
            assertThat(found.get(index).untrained())
                    .isEqualTo(expected.get(index).untrained());
            assertThat(found.get(index).curve()).isEqualTo(expected.get(index).curve());
            assertThat(found.get(index).trainTokens())
                    .isEqualTo(expected.get(index).trainTokens());
        }
    }

    @Test
    void anotherNumberOfHeldOutBlocksIsEvaluatedAnew() throws IOException {
        DecoderConfig mixture =
                world.model().change().mixture(MixtureConfig.of(4, 2)).build();
        RunFolder folder = folder("evaluated-anew");
        ComparisonPlan few = plan(mixture, 6);
        VariantReport first = onlyVariant(comparison(folder, few, new Watcher()).run(false));
        Watcher watcher = new Watcher();

        VariantReport second =
                onlyVariant(comparison(folder, plan(mixture, 14), watcher).run(true));

        assertThat(watcher.events).containsExactly("sdpa-headwise untrained", "sdpa-headwise trained");
        assertThat(second.trained().blocks()).isGreaterThan(first.trained().blocks());
        assertThat(second.curve()).as("it was not trained again").isEqualTo(first.curve());
        assertThat(second.curve())
                .allSatisfy(point ->
                        assertThat(point.experts().orElseThrow().entropy()).isBetween(0.0, 1.0));
        assertThat(second.parameters()).isGreaterThan(second.activeParameters());
        assertThat(second.activeParameters())
                .isEqualTo(few.model(few.variants().get(0)).activeParameters());
        Watcher third = new Watcher();
        comparison(folder, plan(mixture, 14), third).run(true);
        assertThat(third.events).containsExactly("sdpa-headwise finished before");
    }

    @Test
    void aVariantStartsFromTheWeightsOfACheckpoint() throws IOException {
        ComparisonPlan plan = world.plan("baseline");
        RunFolder first = folder("first");
        VariantReport before = only(comparison(first, plan, new Watcher()).run(false));
        String newest = Checkpoint.newestFirst(first.hadoop(), first.checkpoints("baseline"))
                .get(0)
                .toString();
        ComparisonPlan second = plan.startingFrom(Map.of("baseline", newest));

        VariantReport after =
                only(comparison(folder("second"), second, new Watcher()).run(false));

        assertThat(after.untrained()).contains(before.trained());
        assertThat(after.curve().get(0).loss()).isLessThan(before.curve().get(5).loss());
        assertThat(plan.trainingPlan(Variant.named("baseline")).startFrom()).isEmpty();
        assertThat(second.trainingPlan(Variant.named("baseline")).startFrom()).isEqualTo(newest);
        assertThat(second.trainingPlan(Variant.named("sdpa-headwise")).startFrom())
                .isEmpty();
    }

    private static VariantReport only(ComparisonOutcome outcome) {
        return outcome.report().orElseThrow().variants().get(0);
    }

    @Test
    void aStopBeforeTheStartTrainsNothing() throws IOException {
        Comparison comparison = comparison(folder("early"), world.plan("baseline"), new Watcher());
        comparison.requestStop();

        ComparisonOutcome outcome = comparison.run(false);

        assertThat(outcome.completed()).isFalse();
        assertThat(outcome.report()).isEmpty();
        assertThat(folder("early").variants()).isEmpty();
    }

    @Test
    void aPlanNamesEachVariantOnce() {
        assertThatThrownBy(() -> world.plan())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no variant to compare");
        assertThatThrownBy(() -> world.plan("baseline", "baseline"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'baseline' is named twice");
    }

    private static ComparisonPlan plan(DecoderConfig base, long evaluationBlocks) {
        ComparisonPlan plan = world.plan("sdpa-headwise");
        return new ComparisonPlan(
                base,
                plan.variants(),
                plan.equalParameters(),
                plan.training(),
                plan.cluster(),
                world.evaluation(evaluationBlocks),
                plan.evaluateUntrained(),
                plan.dataset(),
                Map.of());
    }

    private static VariantReport onlyVariant(ComparisonOutcome outcome) {
        assertThat(outcome.completed()).isTrue();
        assertThat(outcome.report().orElseThrow().variants()).hasSize(1);
        return outcome.report().orElseThrow().variants().get(0);
    }

    private static Comparison comparison(RunFolder folder, ComparisonPlan plan, ComparisonListener listener) {
        return new Comparison(world.spark(), folder, plan, DESCRIPTION, listener);
    }

    private RunFolder folder(String name) throws IOException {
        return new RunFolder(
                world.spark().hadoopConfiguration(), runs.resolve(name).toString());
    }

    /** Keeps what it is told. */
    private static final class Watcher implements ComparisonListener {
        private final List<String> events = new ArrayList<>();

        @Override
        public void finishedBefore(String variant) {
            events.add(variant + " finished before");
        }

        @Override
        public void evaluated(String variant, EvaluationStage stage, EvaluationOutcome outcome) {
            events.add(variant + " " + stage.id());
        }
    }

    /** Asks to stop when a variant's training has done so many rounds. */
    private static final class StopAfterRound implements ComparisonListener {
        private final String variant;
        private final long round;
        private Comparison comparison;

        StopAfterRound(String variant, long round) {
            this.variant = variant;
            this.round = round;
        }

        @Override
        public TrainingListener training() {
            return new TrainingListener() {
                @Override
                public void round(Round done) {
                    if (done.variant().equals(variant) && done.round() == round) {
                        comparison.requestStop();
                    }
                }
            };
        }
    }
}
