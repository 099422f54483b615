package org.sluice.evaluation;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.sluice.tensor.GateActivation;

/**
 * How often a gate's scores fell into each of 50 bins of equal width.
 *
 * <p>The bins reach over all scores that an activation can have: from 0 to 1 for the sigmoid and the NS-sigmoid, from 0 to 2 for the
 * doubled sigmoid. SiLU and identity have no such bounds; their bins reach from -1 to 1, and what lies beyond is counted in the bin at
 * that end. NaN is in no bin.
 *
 * @param lowest the lower edge of the first bin
 * @param highest the upper edge of the last bin
 * @param counts of the bins from the lowest on; a score on the edge between two is in the upper one
 */
public record ScoreHistogram(double lowest, double highest, List<Long> counts) implements Serializable {
    /** The bins of every histogram. */
    public static final int BINS = 50;

    public ScoreHistogram {
        counts = List.copyOf(counts);
    }

    /** No scores yet of a gate with that activation. */
    static ScoreHistogram empty(GateActivation activation) {
        List<Long> zeros = Collections.nCopies(BINS, 0L);
        return switch (activation) {
            case SIGMOID, NS_SIGMOID -> new ScoreHistogram(0, 1, zeros);
            case DOUBLE_SIGMOID -> new ScoreHistogram(0, 2, zeros);
            case SILU, IDENTITY -> new ScoreHistogram(-1, 1, zeros);
        };
    }

    /** The bin of a score that is a number, from 0. */
    int bin(double score) {
        double position = Math.floor((score - lowest) * (BINS / (highest - lowest)));
        return (int) Math.max(0, Math.min(BINS - 1, position));
    }

    /** With these counts more. */
    ScoreHistogram plus(long[] more) {
        List<Long> sums = new ArrayList<>(BINS);
        for (int bin = 0; bin < BINS; bin++) {
            sums.add(counts.get(bin) + more[bin]);
        }
        return new ScoreHistogram(lowest, highest, sums);
    }

    /** Both together; they are of the same activation. */
    ScoreHistogram plus(ScoreHistogram other) {
        return plus(other.counts.stream().mapToLong(Long::longValue).toArray());
    }

    /** The share of all scores in each bin; all 0 if there are none. */
    public List<Double> shares() {
        double[] shares = counts.stream().mapToDouble(Long::doubleValue).toArray();
        double total = Arrays.stream(shares).sum();
        return Arrays.stream(shares)
                .map(count -> total == 0 ? 0 : count / total)
                .boxed()
                .toList();
    }
}
