package org.sluice.evaluation;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.sluice.model.DecoderConfig;

/**
 * What was seen at one layer, as sums (and a maximum) that merge.
 *
 * @param firstTokenProbability the probabilities given to the first visible token, summed over queries and heads
 * @param attentionQueries how many probabilities that is: queries times heads
 * @param maxActivation the largest absolute value of the layer's output; NaN if there was a NaN
 * @param gates one entry a gate, in the order of the model's gates; empty without a gate
 */
public record LayerSums(double firstTokenProbability, long attentionQueries, double maxActivation, List<GateSums> gates)
        implements Serializable {

    public LayerSums {
        gates = List.copyOf(gates);
    }

    /** Nothing seen yet of a layer of that model. */
    static LayerSums nothing(DecoderConfig model) {
        return new LayerSums(
                0, 0, 0, model.gates().stream().map(GateSums::nothing).toList());
    }

    /** @throws IllegalArgumentException if the two are layers of models with different gates */
    LayerSums plus(LayerSums other) {
        if (gates.size() != other.gates.size()) {
            throw new IllegalArgumentException("a layer with " + gates.size()
                    + " gates cannot be merged with one that has " + other.gates.size()
                    + "; both must come from the same model");
        }
        List<GateSums> mergedGates = new ArrayList<>();
        for (int gate = 0; gate < gates.size(); gate++) {
            mergedGates.add(gates.get(gate).plus(other.gates.get(gate)));
        }
        return new LayerSums(
                firstTokenProbability + other.firstTokenProbability,
                attentionQueries + other.attentionQueries,
                Math.max(maxActivation, other.maxActivation),
                mergedGates);
    }

    /** With attention seen. */
    LayerSums plusAttention(double probability, long queries) {
        return new LayerSums(firstTokenProbability + probability, attentionQueries + queries, maxActivation, gates);
    }

    /** With an output seen whose largest absolute value is this. */
    LayerSums plusActivation(double largest) {
        return new LayerSums(firstTokenProbability, attentionQueries, Math.max(maxActivation, largest), gates);
    }

    /**
     * With one of its gates seen.
     *
     * @throws java.util.NoSuchElementException if the layer has no such gate
     */
    LayerSums plusGate(GateSums seen) {
        List<GateSums> more = new ArrayList<>(gates);
        GateSums before = gates.stream()
                .filter(gate -> gate.gate().equals(seen.gate()))
                .findFirst()
                .orElseThrow();
        more.set(gates.indexOf(before), before.plus(seen));
        return new LayerSums(firstTokenProbability, attentionQueries, maxActivation, more);
    }

    double firstTokenAttention() {
        return firstTokenProbability / attentionQueries;
    }
}
