package org.sluice.model;

import java.util.Arrays;

/** What the routers of all layers did in one pass of the twin. */
final class PlainRouting {
    private final DecoderConfig config;
    private final long[] counts;
    private final double[] probabilitySums;
    private final double[] squares;
    private final long[] rows;

    PlainRouting(DecoderConfig config) {
        this.config = config;
        counts = new long[config.layers() * config.mixture().experts()];
        probabilitySums = new double[counts.length];
        squares = new double[config.layers()];
        rows = new long[config.layers()];
    }

    /** Adds one routed token of a layer. */
    void add(int layer, double[] probabilities, double logSumExp, int[] chosen) {
        int first = layer * probabilities.length;
        for (int expert = 0; expert < probabilities.length; expert++) {
            probabilitySums[first + expert] += probabilities[expert];
        }
        for (int expert : chosen) {
            counts[first + expert]++;
        }
        squares[layer] += logSumExp * logSumExp;
        rows[layer]++;
    }

    /** The same as the decoder's own sums. */
    RouterSums sums() {
        ExpertCounts expertCounts =
                new ExpertCounts(config.layers(), config.mixture().experts(), counts);
        return new RouterSums(
                expertCounts, probabilitySums, squares, config.mixture().isPresent() ? rows[0] : 0);
    }

    /**
     * What the routers add to the objective: for each layer {@code loadBalanceWeight * X * sum over x of f_x P_x + zLossWeight * mean of
     * squared log-sum-exp}.
     */
    double objective(RouterObjective objective) {
        int experts = config.mixture().experts();
        long[] global = objective.counts().map(ExpertCounts::counts).orElse(counts);
        double sum = 0;
        for (int layer = 0; layer < config.layers(); layer++) {
            double choices = Arrays.stream(global, layer * experts, (layer + 1) * experts)
                    .sum();
            for (int index = layer * experts; index < (layer + 1) * experts; index++) {
                double share = global[index] / choices;
                double meanProbability = probabilitySums[index] / objective.rows();
                sum += objective.loadBalanceWeight() * experts * share * meanProbability;
            }
            sum += objective.zLossWeight() * squares[layer] / objective.rows();
        }
        return sum;
    }
}
