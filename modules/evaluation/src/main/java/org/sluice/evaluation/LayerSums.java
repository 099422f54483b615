package org.sluice.evaluation;

import java.io.Serializable;

/**
 * What was seen at one layer, as sums (and a maximum) that merge.
 *
 * @param firstTokenProbability the probabilities given to the first visible token, summed over queries and heads
 * @param attentionQueries how many probabilities that is: queries times heads
 * @param maxActivation the largest absolute value of the layer's output; NaN if there was a NaN
 * @param gateScore the sum of gate scores; 0 without a gate
 * @param gateScores how many gate scores that is; 0 without a gate
 */
public record LayerSums(
        double firstTokenProbability, long attentionQueries, double maxActivation, double gateScore, long gateScores)
        implements Serializable {
    static final LayerSums NOTHING = new LayerSums(0, 0, 0, 0, 0);

    LayerSums plus(LayerSums other) {
        return new LayerSums(
                firstTokenProbability + other.firstTokenProbability,
                attentionQueries + other.attentionQueries,
                Math.max(maxActivation, other.maxActivation),
                gateScore + other.gateScore,
                gateScores + other.gateScores);
    }

    double firstTokenAttention() {
        return firstTokenProbability / attentionQueries;
    }

    boolean gated() {
        return gateScores > 0;
    }

    double meanGateScore() {
        return gateScore / gateScores;
    }
}
