package org.sluice.experiments.live;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.TrainingListener;
import org.sluice.experiments.EvaluationStage;

/** What a run's {@code metrics.jsonl} holds, for the page. */
final class RecordedMetrics {
    private final List<JsonNode> events;

    private RecordedMetrics(List<JsonNode> events) {
        this.events = events;
    }

    /** @throws IOException if it cannot be read */
    static RecordedMetrics read(RunFolder folder) throws IOException {
        return new RecordedMetrics(folder.metrics().read());
    }

    /** All of a variant: its training, its evaluations, and which work of its workers did not count. */
    void show(LiveVariant variant) {
        variant.take(history(variant));
        for (JsonNode event : events) {
            if (isOf(variant, event)) {
                switch (event.path("event").asText()) {
                    case "round" -> showUncounted(variant, event);
                    case "evaluation" -> showEvaluation(variant, event);
                    default -> {
                        // A part of the history.
                    }
                }
            }
        }
    }

    /** Its steps, rounds and checkpoints. */
    LiveHistory history(LiveVariant variant) {
        LiveHistory history = new LiveHistory();
        for (JsonNode event : events) {
            if (isOf(variant, event)) {
                switch (event.path("event").asText()) {
                    case "step" -> history.add(step(event, variant));
                    case "round" -> history.add(round(event));
                    case "checkpoint" -> history.add(checkpoint(event));
                    default -> {
                        // None of these three.
                    }
                }
            }
        }
        return history;
    }

    private static boolean isOf(LiveVariant variant, JsonNode event) {
        return variant.name().equals(event.path("variant").asText());
    }

    private static TrainingListener.Step step(JsonNode event, LiveVariant variant) {
        return new TrainingListener.Step(
                variant.name(),
                event.path("step").asLong(),
                variant.steps(),
                number(event, "loss"),
                number(event, "learningRate"),
                number(event, "gradientNorm"),
                event.path("tokens").asLong(),
                number(event, "tokensPerSecond"));
    }

    private static LiveHistory.Round round(JsonNode event) {
        return new LiveHistory.Round(
                event.path("round").asLong(),
                event.path("step").asLong(),
                event.path("workers").asInt(),
                number(event, "computeSeconds"),
                number(event, "exchangeSeconds"),
                event.path("bytes").asLong());
    }

    private static LiveHistory.Checkpoint checkpoint(JsonNode event) {
        return new LiveHistory.Checkpoint(
                event.path("round").asLong(),
                event.path("step").asLong(),
                event.path("folder").asText(),
                number(event, "seconds"),
                number(event, "waitedSeconds"),
                event.path("bytes").asLong());
    }

    private static double number(JsonNode event, String key) {
        return event.path(key).asDouble(Double.NaN);
    }

    private static void showUncounted(LiveVariant variant, JsonNode round) {
        for (JsonNode again : round.path("again")) {
            variant.note(
                    "",
                    LiveVariant.uncountedNote(
                            round.path("round").asLong(),
                            again.path("worker").asInt(),
                            again.path("reason").asText()));
        }
    }

    private static void showEvaluation(LiveVariant variant, JsonNode evaluation) {
        for (EvaluationStage stage : EvaluationStage.values()) {
            if (stage.id().equals(evaluation.path("stage").asText())) {
                variant.evaluated(stage, LiveJson.evaluation(evaluation));
                if (stage == EvaluationStage.TRAINED && evaluation.path("step").asLong() >= variant.steps()) {
                    variant.begins("done", 0, 0);
                }
            }
        }
    }
}
