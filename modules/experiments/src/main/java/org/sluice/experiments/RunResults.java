package org.sluice.experiments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sluice.cluster.RunFolder;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.experiments.report.CurvePoint;
import org.sluice.experiments.report.EvaluationJson;
import org.sluice.experiments.report.ModelInWords;
import org.sluice.experiments.report.Provenance;
import org.sluice.experiments.report.RunReport;
import org.sluice.experiments.report.VariantReport;
import org.sluice.model.DecoderConfig;
import org.sluice.training.ExpertLoad;

/**
 * What a run's {@code metrics.jsonl} holds, which is all that a report is made of.
 *
 * <p>An {@code evaluation} event has {@code variant}, {@code step} (0 untrained), {@code stage} ({@code untrained} or {@code trained}),
 * {@code description}, {@code parameters}, {@code activeParameters}, {@code trainTokens}, {@code trainSeconds}, {@code seconds}, {@code backend}, and the figures
 * as {@link EvaluationJson} writes them.
 */
public final class RunResults {
    private static final String EVALUATION = "evaluation";

    private final List<JsonNode> events;

    private RunResults(List<JsonNode> events) {
        this.events = events;
    }

    /**
     * Reads what is known so far; nothing, if the run has not begun.
     *
     * @throws IOException if the metrics cannot be read
     */
    public static RunResults read(RunFolder folder) throws IOException {
        return new RunResults(folder.metrics().read());
    }

    /** The variants that anything is known of, in the order of their first events. */
    public List<String> variants() {
        Set<String> names = new LinkedHashSet<>();
        events.forEach(event -> names.add(event.path("variant").asText()));
        return new ArrayList<>(names);
    }

    /** Whether a model was evaluated at that step, on so many held-out blocks. */
    boolean isEvaluated(String variant, EvaluationStage stage, long step, long blocks) {
        return evaluation(variant, stage)
                .filter(event -> event.path("step").asLong() == step)
                .filter(event -> event.path("heldOutBlocks").asLong() == blocks)
                .isPresent();
    }

    /** How a variant, trained to that step, did on held-out text; empty if it was not evaluated then. */
    public Optional<EvaluationResult> evaluation(String variant, long step) {
        return evaluation(variant, EvaluationStage.TRAINED)
                .filter(event -> event.path("step").asLong() == step)
                .map(EvaluationJson::read);
    }

    /** The backends that ran evaluations, in words. */
    List<String> backends() {
        Set<String> backends = new LinkedHashSet<>();
        events.forEach(event -> event.path("backend").forEach(backend -> backends.add(backend.asText())));
        return new ArrayList<>(backends);
    }

    /**
     * The report of those of the named variants that are trained and evaluated.
     *
     * @param name of the run
     * @param variants in the order in which they are shown
     * @return empty if none of them is
     */
    Optional<RunReport> report(String name, List<String> variants, Provenance provenance) {
        List<VariantReport> reports = new ArrayList<>();
        for (String variant : variants) {
            evaluation(variant, EvaluationStage.TRAINED).ifPresent(event -> reports.add(report(variant, event)));
        }
        return reports.isEmpty() ? Optional.empty() : Optional.of(new RunReport(name, reports, provenance));
    }

    private VariantReport report(String variant, JsonNode trained) {
        long tokens = trained.path("trainTokens").asLong();
        double seconds = trained.path("trainSeconds").asDouble(Double.NaN);
        return new VariantReport(
                variant,
                trained.path("description").asText(),
                trained.path("parameters").asLong(),
                trained.path("activeParameters")
                        .asLong(trained.path("parameters").asLong()),
                tokens,
                seconds,
                tokens / seconds,
                EvaluationJson.read(trained),
                evaluation(variant, EvaluationStage.UNTRAINED).map(EvaluationJson::read),
                curve(variant));
    }

    private Optional<JsonNode> evaluation(String variant, EvaluationStage stage) {
        // The last one counts: a variant that was trained further was evaluated again.
        return events.stream()
                .filter(event -> isOf(event, EVALUATION, variant))
                .filter(event -> stage.id().equals(event.path("stage").asText()))
                .reduce((earlier, later) -> later);
    }

    private List<CurvePoint> curve(String variant) {
        SortedMap<Long, CurvePoint> points = new TreeMap<>();
        for (JsonNode event : events) {
            if (isOf(event, "step", variant)) {
                long step = event.path("step").asLong();
                points.put(
                        step,
                        new CurvePoint(
                                step,
                                event.path("loss").asDouble(Double.NaN),
                                event.path("learningRate").asDouble(Double.NaN),
                                event.path("gradientNorm").asDouble(Double.NaN),
                                experts(event)));
            }
        }
        return new ArrayList<>(points.values());
    }

    private static Optional<ExpertLoad> experts(JsonNode step) {
        if (!step.has("loadBalanceLoss")) {
            return Optional.empty();
        }
        return Optional.of(new ExpertLoad(
                step.path("loadBalanceLoss").asDouble(Double.NaN),
                step.path("routerZLoss").asDouble(Double.NaN),
                step.path("expertLargestShare").asDouble(Double.NaN),
                step.path("expertIdleShare").asDouble(Double.NaN),
                step.path("expertEntropy").asDouble(Double.NaN)));
    }

    private static boolean isOf(JsonNode event, String kind, String variant) {
        return kind.equals(event.path("event").asText())
                && variant.equals(event.path("variant").asText());
    }

    /** The event that tells of an evaluation. */
    static ObjectNode evaluationEvent(
            Variant variant,
            DecoderConfig model,
            EvaluationStage stage,
            long step,
            long trainTokens,
            double trainSeconds,
            EvaluationOutcome outcome) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("event", EVALUATION);
        event.put("variant", variant.name());
        event.put("step", step);
        event.put("stage", stage.id());
        event.put("description", variant.description() + "; " + ModelInWords.of(model));
        event.put("parameters", model.parameters());
        event.put("activeParameters", model.activeParameters());
        event.put("trainTokens", trainTokens);
        event.put("trainSeconds", trainSeconds);
        event.put("seconds", outcome.seconds());
        outcome.backends().forEach(event.putArray("backend")::add);
        EvaluationJson.write(outcome.result(), event);
        return event;
    }
}
