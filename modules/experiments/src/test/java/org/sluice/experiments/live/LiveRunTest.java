package org.sluice.experiments.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.Progress;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.TrainingListener;
import org.sluice.cluster.control.Positions;
import org.sluice.experiments.EvaluationStage;

class LiveRunTest {
    private final AtomicLong clock = new AtomicLong();

    @TempDir
    private Path runs;

    @Test
    void aResumedRunShowsTheEarlierCurveToo() throws IOException {
        RunFolder folder = LiveSamples.folder(
                runs,
                "resumed",
                LiveSamples.stepLine("a", 1, 8.5),
                LiveSamples.stepLine("a", 2, 8.25),
                LiveSamples.roundLine("a", 1),
                LiveSamples.stepLine("b", 1, 7.5));

        LiveRun run = LiveSamples.run(folder, clock, 6, "a", "b");
        run.training().started(LiveSamples.start("a", 2, 6));
        LiveSamples.train(run.training(), "a", 2, 2, 6);

        JsonNode shown = variant(run, 0);
        assertThat(numbers(shown.at("/curve/x"))).containsExactly(1.0, 2.0, 3.0, 4.0);
        assertThat(numbers(shown.at("/curve/loss/mean"))).containsExactly(8.5, 8.25, 8.97, 8.96);
        assertThat(numbers(shown.at("/roundCurve/x"))).containsExactly(1.0, 2.0);
        assertThat(numbers(variant(run, 1).at("/curve/loss/mean"))).containsExactly(7.5);
        assertThat(run.variant(2)).isEmpty();
    }

    @Test
    void stepsBehindACheckpointAreForgottenWhenTrainingGoesBackToIt() throws IOException {
        RunFolder folder = LiveSamples.folder(runs, "back");
        LiveRun run = LiveSamples.run(folder, clock, 8, "a");
        run.training().started(LiveSamples.start("a", 0, 8));
        LiveSamples.train(run.training(), "a", 1, 3, 8);
        run.training()
                .recovery(new TrainingListener.Recovery("a", "executor 1 died", 1, 3, new Progress(1, 2, 128, 2)));
        Files.write(
                runs.resolve("back/metrics.jsonl"),
                List.of(
                        LiveSamples.stepLine("a", 1, 8.5),
                        LiveSamples.stepLine("a", 2, 8.25),
                        LiveSamples.roundLine("a", 1)));

        run.training().started(LiveSamples.start("a", 2, 8));
        LiveSamples.train(run.training(), "a", 2, 2, 8);

        JsonNode shown = variant(run, 0);
        assertThat(numbers(shown.at("/curve/x"))).containsExactly(1.0, 2.0, 3.0, 4.0);
        assertThat(shown.at("/curve/loss/mean/0").doubleValue()).isEqualTo(8.5);
        assertThat(shown.at("/step").longValue()).isEqualTo(4);
        assertThat(shown.at("/notes/0/text").textValue())
                .isEqualTo("executor 1 died; going back to step 2 (try 1 of 3)");
    }

    @Test
    void tellsWhereWorkersLiveAndWhoseWorkCounts() throws IOException {
        LiveRun run = LiveSamples.run(LiveSamples.folder(runs, "workers"), clock, 8, "a");
        run.training().started(LiveSamples.start("a", 0, 8));
        LiveSamples.train(run.training(), "a", 1, 1, 8);
        run.training().round(new TrainingListener.Round("a", 2, 4, LiveSamples.PLACES.subList(0, 1), 1.5, 0.25, 4096));
        run.training()
                .uncounted(new TrainingListener.Uncounted("a", 2, 1, List.of(new Positions(8, 12)), "it was late"));

        JsonNode shown = variant(run, 0);

        assertThat(shown.at("/workers/0").toString())
                .isEqualTo(
                        "{\"worker\":0,\"executor\":\"1\",\"host\":\"host-a\",\"counted\":2,\"uncounted\":0,\"reason\":\"\"}");
        assertThat(shown.at("/workers/1").toString())
                .isEqualTo(
                        "{\"worker\":1,\"executor\":\"2\",\"host\":\"host-b\",\"counted\":1,\"uncounted\":2,\"reason\":\"it was late\"}");
        assertThat(shown.at("/rounds/0/workers").intValue()).isEqualTo(1);
        assertThat(shown.at("/notes/0/text").textValue())
                .isEqualTo("what worker 1 did in round 2 does not count, as it was late");
    }

    @Test
    void theTimeLeftIsThatOfTheLastRoundsByTheClock() throws IOException {
        LiveRun run = LiveSamples.run(LiveSamples.folder(runs, "time"), clock, 10, "a", "b");
        run.training().started(LiveSamples.start("a", 0, 10));
        assertThat(summary(run).has("secondsLeft")).isFalse();
        clock.addAndGet(8_000_000_000L);
        LiveSamples.train(run.training(), "a", 1, 1, 10);
        clock.addAndGet(3_000_000_000L);

        JsonNode shown = summary(run);

        assertThat(shown.at("/variants/0/secondsLeft").doubleValue()).isEqualTo(4 * 8 - 3);
        assertThat(shown.at("/secondsLeft").doubleValue())
                .as("of both variants")
                .isEqualTo(4 * 18 - 3);
    }

    @Test
    void showsTheNewestEvaluation() throws IOException {
        LiveRun run = LiveSamples.run(LiveSamples.folder(runs, "evaluated"), clock, 2, "a");
        assertThat(variant(run, 0).at("/evaluations")).isEmpty();
        run.evaluating("a", EvaluationStage.UNTRAINED, 3, 4);
        assertThat(summary(run).at("/variants/0/phase").textValue()).isEqualTo("evaluating untrained");
        run.evaluated("a", EvaluationStage.UNTRAINED, LiveSamples.evaluation());
        run.training().started(LiveSamples.start("a", 0, 2));
        LiveSamples.train(run.training(), "a", 1, 1, 2);
        run.evaluated("a", EvaluationStage.TRAINED, LiveSamples.evaluation());

        JsonNode shown = variant(run, 0);

        assertThat(shown.at("/phase").textValue()).isEqualTo("done");
        assertThat(shown.at("/evaluations/trained/step").longValue()).isEqualTo(2);
        assertThat(numbers(shown.at("/evaluations/trained/firstTokenAttentionPerLayer")))
                .containsExactly(0.25, 0.5);
        assertThat(shown.at("/evaluations/trained/maxActivationPerLayer/1").isNull())
                .isTrue();
        assertThat(shown.at("/evaluations/trained").has("domains")).isFalse();
    }

    @Test
    void aDamagedFileIsToldOnThePageAndEndsNothing() throws IOException {
        RunFolder folder = LiveSamples.folder(runs, "damaged", "no JSON", LiveSamples.roundLine("a", 1));

        LiveRun run = LiveSamples.run(folder, clock, 8, "a");
        run.training().started(LiveSamples.start("a", 2, 8));
        LiveSamples.train(run.training(), "a", 2, 2, 8);

        JsonNode shown = variant(run, 0);
        assertThat(shown.at("/notes/0/text").textValue())
                .contains("what was done before cannot be shown here", "line 1 of");
        assertThat(numbers(shown.at("/curve/x"))).containsExactly(3.0, 4.0);
    }

    @Test
    void aVariantThatWasFinishedBeforeIsDone() throws IOException {
        RunFolder folder = LiveSamples.folder(
                runs,
                "finished",
                LiveSamples.stepLine("a", 1, 8.5),
                LiveSamples.stepLine("a", 2, 8.25),
                "{\"event\":\"evaluation\",\"variant\":\"a\",\"step\":2,\"stage\":\"trained\",\"heldOutLoss\":3.5}");

        assertThat(summary(LiveSamples.run(folder, clock, 2, "a"))
                        .at("/variants/0/phase")
                        .textValue())
                .isEqualTo("done");
        assertThat(summary(LiveSamples.run(folder, clock, 4, "a"))
                        .at("/variants/0/phase")
                        .textValue())
                .as("it is to be trained further")
                .isEqualTo("waiting");
    }

    private static JsonNode variant(LiveRun run, int index) throws IOException {
        return new ObjectMapper().readTree(run.variant(index).orElseThrow());
    }

    private static JsonNode summary(LiveRun run) throws IOException {
        return new ObjectMapper().readTree(run.summary());
    }

    private static List<Double> numbers(JsonNode array) {
        return new ObjectMapper().convertValue(array, new TypeReference<>() {});
    }
}
