package org.sluice.experiments.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.evaluation.GateFigures;
import org.sluice.evaluation.ScoreHistogram;
import org.sluice.evaluation.ValueFigures;
import org.sluice.model.GateGranularity;
import org.sluice.model.GatePosition;

/**
 * The {@link GateFigures} of an evaluation as JSON and back: an array {@code gates}, each with {@code position}, {@code granularity},
 * {@code description}, {@code meanScore}, {@code meanAbsoluteBefore}, {@code meanAbsoluteAfter}, {@code meanAbsoluteWithMeanScore},
 * {@code shareBelow1e-2} and {@code shareBelow1e-3} (each with {@code before}, {@code after} and {@code withMeanScore}), and the same keys with {@code PerLayer} for
 * arrays with a number a layer; and {@code scoreHistogram}, with {@code lowest}, {@code highest} and {@code countsPerLayer}.
 */
final class GateJson {
    private static final String HUNDREDTH = "shareBelow1e-2";
    private static final String THOUSANDTH = "shareBelow1e-3";
    private static final String PER_LAYER = "PerLayer";

    private GateJson() {}

    static void write(List<GateFigures> gates, ArrayNode target) {
        gates.forEach(gate -> write(gate, target.addObject()));
    }

    private static void write(GateFigures gate, ObjectNode target) {
        target.put("position", gate.position().id());
        target.put("granularity", gate.granularity().id());
        target.put("description", gate.description());
        figure("meanScore", gate.meanScorePerLayer(), target);
        figure("meanAbsoluteBefore", gate.before().meanAbsolute(), target);
        figure("meanAbsoluteAfter", gate.after().meanAbsolute(), target);
        figure("meanAbsoluteWithMeanScore", gate.withMeanScore().meanAbsolute(), target);
        shares(HUNDREDTH, gate, ValueFigures::shareBelowHundredth, target);
        shares(THOUSANDTH, gate, ValueFigures::shareBelowThousandth, target);
        ObjectNode histogram = target.putObject("scoreHistogram");
        histogram.put("lowest", gate.histogramPerLayer().get(0).lowest());
        histogram.put("highest", gate.histogramPerLayer().get(0).highest());
        ArrayNode counts = histogram.putArray("countsPerLayer");
        for (ScoreHistogram layer : gate.histogramPerLayer()) {
            layer.counts().forEach(counts.addArray()::add);
        }
    }

    private static void figure(String key, List<Double> perLayer, ObjectNode target) {
        target.set(key, EvaluationJson.number(EvaluationResult.mean(perLayer)));
        target.set(key + PER_LAYER, EvaluationJson.numbers(perLayer));
    }

    private static void shares(
            String key, GateFigures gate, Function<ValueFigures, List<Double>> share, ObjectNode target) {
        ObjectNode overall = target.putObject(key);
        ObjectNode perLayer = target.putObject(key + PER_LAYER);
        share(overall, perLayer, "before", share.apply(gate.before()));
        share(overall, perLayer, "after", share.apply(gate.after()));
        share(overall, perLayer, "withMeanScore", share.apply(gate.withMeanScore()));
    }

    private static void share(ObjectNode overall, ObjectNode perLayer, String side, List<Double> shares) {
        overall.set(side, EvaluationJson.number(EvaluationResult.mean(shares)));
        perLayer.set(side, EvaluationJson.numbers(shares));
    }

    static List<GateFigures> read(JsonNode gates) {
        List<GateFigures> figures = new ArrayList<>();
        gates.forEach(gate -> figures.add(readGate(gate)));
        return figures;
    }

    private static GateFigures readGate(JsonNode gate) {
        return new GateFigures(
                GatePosition.named(EvaluationJson.required(gate, "position").asText()),
                GateGranularity.named(
                        EvaluationJson.required(gate, "granularity").asText()),
                EvaluationJson.required(gate, "description").asText(),
                EvaluationJson.numbers(gate, "meanScore" + PER_LAYER),
                values(gate, "before", "meanAbsoluteBefore"),
                values(gate, "after", "meanAbsoluteAfter"),
                values(gate, "withMeanScore", "meanAbsoluteWithMeanScore"),
                histograms(EvaluationJson.required(gate, "scoreHistogram")));
    }

    private static ValueFigures values(JsonNode gate, String side, String meanAbsolute) {
        return new ValueFigures(
                EvaluationJson.numbers(gate, meanAbsolute + PER_LAYER),
                EvaluationJson.numbers(EvaluationJson.required(gate, HUNDREDTH + PER_LAYER), side),
                EvaluationJson.numbers(EvaluationJson.required(gate, THOUSANDTH + PER_LAYER), side));
    }

    private static List<ScoreHistogram> histograms(JsonNode source) {
        List<ScoreHistogram> histograms = new ArrayList<>();
        for (JsonNode layer : EvaluationJson.required(source, "countsPerLayer")) {
            List<Long> counts = new ArrayList<>();
            layer.forEach(count -> counts.add(count.asLong()));
            histograms.add(new ScoreHistogram(
                    EvaluationJson.required(source, "lowest").asDouble(),
                    EvaluationJson.required(source, "highest").asDouble(),
                    counts));
        }
        return histograms;
    }
}
