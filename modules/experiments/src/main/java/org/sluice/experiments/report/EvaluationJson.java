package org.sluice.experiments.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.sluice.evaluation.DomainLoss;
import org.sluice.evaluation.EvaluationResult;

/**
 * An {@link EvaluationResult} as JSON and back. Numbers that JSON cannot write, NaN and the infinities, become {@code null} and are read
 * as NaN; the gate score of a model without a gate is {@code null} and its arrays are empty. See {@link GateJson} for {@code gates}.
 */
public final class EvaluationJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private EvaluationJson() {}

    /** Writes all figures into an object, under the names that {@code report.json} has. */
    public static void write(EvaluationResult result, ObjectNode target) {
        target.set("heldOutLoss", number(result.heldOutLoss()));
        target.set("heldOutPerplexity", number(result.heldOutPerplexity()));
        target.put("heldOutTokens", result.tokens());
        target.put("heldOutBlocks", result.blocks());
        target.set("firstTokenAttention", number(result.firstTokenAttention()));
        target.set("maxActivation", number(result.maxActivation()));
        target.set(
                "meanGateScore",
                result.meanGateScore().map(EvaluationJson::number).orElseGet(NODES::nullNode));
        target.set("firstTokenAttentionPerLayer", numbers(result.firstTokenAttentionPerLayer()));
        target.set("maxActivationPerLayer", numbers(result.maxActivationPerLayer()));
        target.set("meanGateScorePerLayer", numbers(result.meanGateScorePerLayer()));
        GateJson.write(result.gates(), target.putArray("gates"));
        ObjectNode domains = target.putObject("domains");
        result.domains().forEach((domain, loss) -> {
            ObjectNode node = domains.putObject(domain);
            node.set("loss", number(loss.loss()));
            node.set("perplexity", number(loss.perplexity()));
            node.put("tokens", loss.tokens());
        });
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IllegalArgumentException if a figure is missing; the message names it
     */
    public static EvaluationResult read(JsonNode source) {
        SortedMap<String, DomainLoss> domains = new TreeMap<>();
        required(source, "domains")
                .properties()
                .forEach(domain -> domains.put(
                        domain.getKey(),
                        new DomainLoss(
                                number(domain.getValue(), "loss"),
                                number(domain.getValue(), "perplexity"),
                                required(domain.getValue(), "tokens").asLong())));
        return new EvaluationResult(
                number(source, "heldOutLoss"),
                number(source, "heldOutPerplexity"),
                required(source, "heldOutTokens").asLong(),
                required(source, "heldOutBlocks").asLong(),
                domains,
                number(source, "firstTokenAttention"),
                number(source, "maxActivation"),
                numbers(source, "firstTokenAttentionPerLayer"),
                numbers(source, "maxActivationPerLayer"),
                GateJson.read(required(source, "gates")));
    }

    /** A number, or null where it is not finite. */
    static JsonNode number(double value) {
        return Double.isFinite(value) ? NODES.numberNode(value) : NODES.nullNode();
    }

    private static double number(JsonNode source, String key) {
        return asDouble(required(source, key));
    }

    static ArrayNode numbers(List<Double> values) {
        ArrayNode array = NODES.arrayNode();
        values.forEach(value -> array.add(number(value)));
        return array;
    }

    static List<Double> numbers(JsonNode source, String key) {
        List<Double> values = new ArrayList<>();
        required(source, key).forEach(value -> values.add(asDouble(value)));
        return values;
    }

    private static double asDouble(JsonNode value) {
        return value.isNull() ? Double.NaN : value.asDouble();
    }

    static JsonNode required(JsonNode source, String key) {
        JsonNode value = source.get(key);
        if (value == null) {
            throw new IllegalArgumentException(
                    "an evaluation has no '" + key + "'; the file was written by another version of Sluice, or edited");
        }
        return value;
    }
}
