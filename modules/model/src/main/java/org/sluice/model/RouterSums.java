package org.sluice.model;

import java.io.Serializable;
import java.util.Arrays;

/**
 * What the routers of a mixture-of-experts model did in some forward passes, as sums that add up.
 *
 * <p>With {@code f_x} the share of a layer's choices that fell on expert {@code x} and {@code P_x} its mean probability over the routed
 * rows, the layer's load-balance loss is {@code X sum over x of f_x P_x} (Fedus et al. 2021, arXiv 2101.03961): 1 when all experts are
 * asked alike. The router z-loss is the mean of the squared log-sum-exp of the router's logits (Zoph et al. 2022, arXiv 2202.08906).
 *
 * @param counts the rows of each expert
 * @param probabilitySums {@code [layers, X]}: the sum over routed rows of each expert's probability; not copied
 * @param squares {@code [layers]}: the sum over routed rows of the squared log-sum-exp of the router's logits; not copied
 * @param rows the routed rows
 */
public record RouterSums(ExpertCounts counts, double[] probabilitySums, double[] squares, long rows)
        implements Serializable {

    /** Nothing routed yet. */
    public static RouterSums none(DecoderConfig config) {
        ExpertCounts counts = ExpertCounts.none(config);
        return new RouterSums(counts, new double[counts.counts().length], new double[config.layers()], 0);
    }

    /** Of a pass over a batch, to be filled in by its layers. */
    static RouterSums ofRows(DecoderConfig config, TokenBatch batch) {
        RouterSums none = none(config);
        long rows = config.mixture().isPresent() ? batch.routedCount() : 0;
        return new RouterSums(none.counts, none.probabilitySums, none.squares, rows);
    }

    /** These and the other's passes together. */
    public RouterSums plus(RouterSums other) {
        double[] probabilities = probabilitySums.clone();
        Arrays.setAll(probabilities, index -> probabilities[index] + other.probabilitySums[index]);
        double[] sumOfSquares = squares.clone();
        Arrays.setAll(sumOfSquares, layer -> sumOfSquares[layer] + other.squares[layer]);
        return new RouterSums(counts.plus(other.counts), probabilities, sumOfSquares, rows + other.rows);
    }

    /** The load-balance loss of a layer; 0 where nothing was routed. */
    public double loadBalanceLoss(int layer) {
        long choices = counts.ofLayer(layer);
        if (choices == 0) {
            return 0;
        }
        int experts = counts.experts();
        double sum = 0;
        for (int expert = 0; expert < experts; expert++) {
            sum += (double) counts.at(layer, expert) / choices * probabilitySums[layer * experts + expert] / rows;
        }
        return experts * sum;
    }

    /** The router z-loss of a layer; 0 where nothing was routed. */
    public double zLoss(int layer) {
        return rows == 0 ? 0 : squares[layer] / rows;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RouterSums that
                && rows == that.rows
                && counts.equals(that.counts)
                && Arrays.equals(probabilitySums, that.probabilitySums)
                && Arrays.equals(squares, that.squares);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(probabilitySums) * 31 + Arrays.hashCode(squares);
    }

    @Override
    public String toString() {
        return rows + " rows over " + counts;
    }
}
