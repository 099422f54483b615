package org.sluice.evaluation;

import java.io.Serializable;
import org.sluice.model.GateConfig;

/**
 * What was seen of one gate at one layer, as sums that merge.
 *
 * @param gate which gate
 * @param score the sum of its scores; where heads share their scores, each shared score counts once
 * @param scores how many scores that is
 * @param histogram of the scores
 * @param before what is gated
 * @param after the gated values
 * @param withMeanScore what the gated values would be if every score were the mean score of the layer over the same token block
 */
public record GateSums(
        GateConfig gate,
        double score,
        long scores,
        ScoreHistogram histogram,
        ValueSums before,
        ValueSums after,
        ValueSums withMeanScore)
        implements Serializable {

    /** Nothing seen yet. */
    static GateSums nothing(GateConfig gate) {
        return new GateSums(
                gate,
                0,
                0,
                ScoreHistogram.empty(gate.activation()),
                ValueSums.NOTHING,
                ValueSums.NOTHING,
                ValueSums.NOTHING);
    }

    /** @throws IllegalArgumentException if the other is of another gate */
    GateSums plus(GateSums other) {
        if (!gate.equals(other.gate)) {
            throw new IllegalArgumentException("the figures of the gate '" + gate
                    + "' cannot be merged with those of the gate '" + other.gate
                    + "'; both must come from the same model");
        }
        return new GateSums(
                gate,
                score + other.score,
                scores + other.scores,
                histogram.plus(other.histogram),
                before.plus(other.before),
                after.plus(other.after),
                withMeanScore.plus(other.withMeanScore));
    }

    double meanScore() {
        return score / scores;
    }
}
