package org.sluice.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.sluice.model.GateConfig;
import org.sluice.model.GateGranularity;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;

/** The slow, obvious twin of what is measured of one gate at one layer: every score and every value of it, in lists. */
final class PlainGate {
    private final GateConfig gate;
    private final List<Double> scores = new ArrayList<>();
    private final List<Double> before = new ArrayList<>();
    private final List<Double> after = new ArrayList<>();
    private final List<Double> withMeanScore = new ArrayList<>();

    PlainGate(GateConfig gate) {
        this.gate = gate;
    }

    /**
     * Sees one block.
     *
     * @param tokens the real ones; the arrays may be longer
     * @param logits {@code [T, heads, E]} or, headwise, {@code [T, heads]}
     * @param ungated {@code [T, heads, E]}
     * @param gated {@code [T, heads, E]}
     */
    void add(int tokens, int heads, int headDim, double[] logits, double[] ungated, double[] gated) {
        List<Double> ofBlock = new ArrayList<>();
        for (int token = 0; token < tokens; token++) {
            for (int head = 0; head < (gate.headShared() ? 1 : heads); head++) {
                for (int e = 0; e < (gate.granularity() == GateGranularity.HEADWISE ? 1 : headDim); e++) {
                    ofBlock.add(score(logits, token, head, e, heads, headDim));
                }
            }
        }
        double mean = mean(ofBlock);
        scores.addAll(ofBlock);
        for (int index = 0; index < tokens * heads * headDim; index++) {
            before.add(ungated[index]);
            after.add(gated[index]);
            boolean added = gate.combine() == GateCombine.ADDITIVE;
            withMeanScore.add(added ? ungated[index] + mean : ungated[index] * mean);
        }
    }

    /** The score of one value. */
    double score(double[] logits, int token, int head, int e, int heads, int headDim) {
        if (gate.granularity() == GateGranularity.HEADWISE) {
            return activation(gate.activation(), logits[token * heads + head]);
        }
        if (!gate.headShared()) {
            return activation(gate.activation(), logits[(token * heads + head) * headDim + e]);
        }
        double sum = 0;
        for (int other = 0; other < heads; other++) {
            sum += activation(gate.activation(), logits[(token * heads + other) * headDim + e]);
        }
        return sum / heads;
    }

    private static double activation(GateActivation activation, double logit) {
        double sigmoid = 1 / (1 + Math.exp(-logit));
        return switch (activation) {
            case SIGMOID -> sigmoid;
            case SILU -> logit * sigmoid;
            case IDENTITY -> logit;
            case NS_SIGMOID -> 0.5 + 0.5 * sigmoid;
            case DOUBLE_SIGMOID -> 2 * sigmoid;
        };
    }

    /**
     * Holds a layer of figures against all that was seen.
     *
     * @param flips how many values may lie on the other side of an edge, by rounding
     */
    void agreesWith(GateFigures figures, int layer, double tolerance, int flips) {
        assertThat(figures.position()).isEqualTo(gate.position());
        assertThat(figures.granularity()).isEqualTo(gate.granularity());
        assertThat(figures.description()).isEqualTo(gate.toString());
        assertThat(figures.meanScorePerLayer().get(layer)).isCloseTo(mean(scores), within(tolerance));
        agree(figures.before(), before, layer, tolerance, flips);
        agree(figures.after(), after, layer, tolerance, flips);
        agree(figures.withMeanScore(), withMeanScore, layer, tolerance, flips);
        List<Long> counts = figures.histogramPerLayer().get(layer).counts();
        assertThat(counts).hasSize(50);
        for (int bin = 0; bin < 50; bin++) {
            assertThat((double) counts.get(bin)).as("bin %d", bin).isCloseTo(inBin(bin), within((double) flips));
        }
        assertThat(counts.stream().mapToLong(Long::longValue).sum()).isEqualTo(scores.size());
    }

    private static void agree(ValueFigures figures, List<Double> values, int layer, double tolerance, int flips) {
        List<Double> absolute = values.stream().map(Math::abs).toList();
        double flipped = 1e-12 + (double) flips / values.size();
        assertThat(figures.meanAbsolute().get(layer)).isCloseTo(mean(absolute), within(tolerance));
        assertThat(figures.shareBelowHundredth().get(layer)).isCloseTo(shareBelow(absolute, 0.01), within(flipped));
        assertThat(figures.shareBelowThousandth().get(layer)).isCloseTo(shareBelow(absolute, 0.001), within(flipped));
    }

    private double inBin(int bin) {
        boolean bounded = gate.activation() != GateActivation.SILU && gate.activation() != GateActivation.IDENTITY;
        double lowest = bounded ? 0 : -1;
        double width = gate.activation() == GateActivation.SIGMOID || gate.activation() == GateActivation.NS_SIGMOID
                ? 0.02
                : 0.04;
        double from = bin == 0 ? Double.NEGATIVE_INFINITY : lowest + bin * width;
        double to = bin == 49 ? Double.POSITIVE_INFINITY : lowest + (bin + 1) * width;
        return scores.stream().filter(score -> score >= from && score < to).count();
    }

    private static double shareBelow(List<Double> values, double bound) {
        return (double) values.stream().filter(value -> value < bound).count() / values.size();
    }

    static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).sum() / values.size();
    }
}
