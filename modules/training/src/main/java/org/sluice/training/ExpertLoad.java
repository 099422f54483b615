package org.sluice.training;

import org.sluice.model.ExpertCounts;
import org.sluice.model.RouterSums;

/**
 * How evenly the experts of a mixture are used, and what that costs. With {@code X} experts in each of {@code L} layers, {@code f_lx} is
 * the share of layer {@code l}'s choices that fell on expert {@code x}; the shares of a layer add up to 1, or are all 0 where nothing was
 * routed.
 *
 * @param loadBalanceLoss {@code 1/L sum over l of X sum over x of f_lx P_lx}, see {@link RouterSums}; 1 when all experts are asked alike
 * @param routerZLoss {@code 1/L sum over l of} the mean squared log-sum-exp of the router's logits
 * @param largestShare {@code max over l, x of f_lx}: from {@code 1/X} to 1, and at most {@code 1/k} where each row is given to {@code k}
 *     experts
 * @param idleShare the share of all {@code L X} experts that got no row
 * @param entropy {@code 1/L sum over l of (- sum over x of f_lx ln f_lx) / ln X}, with {@code 0 ln 0 = 0}: from 0 for one expert that takes
 *     everything to 1 for equal shares; 1 if there is only one expert
 */
public record ExpertLoad(
        double loadBalanceLoss, double routerZLoss, double largestShare, double idleShare, double entropy) {

    /**
     * The load of some passes together.
     *
     * @throws IllegalArgumentException if the passes are of a dense model
     */
    public static ExpertLoad of(RouterSums sums) {
        ExpertCounts counts = sums.counts();
        if (counts.experts() == 0) {
            throw new IllegalArgumentException("a dense model has no experts whose load could be told");
        }
        double balance = 0;
        double zLoss = 0;
        double largest = 0;
        double entropy = 0;
        long idle = 0;
        for (int layer = 0; layer < counts.layers(); layer++) {
            balance += sums.loadBalanceLoss(layer);
            zLoss += sums.zLoss(layer);
            entropy += entropy(counts, layer);
            for (int expert = 0; expert < counts.experts(); expert++) {
                largest = Math.max(largest, share(counts, layer, expert));
                idle += counts.at(layer, expert) == 0 ? 1 : 0;
            }
        }
        int layers = counts.layers();
        return new ExpertLoad(
                balance / layers,
                zLoss / layers,
                largest,
                (double) idle / ((long) layers * counts.experts()),
                entropy / layers);
    }

    private static double share(ExpertCounts counts, int layer, int expert) {
        return (double) counts.at(layer, expert) / Math.max(1, counts.ofLayer(layer));
    }

    private static double entropy(ExpertCounts counts, int layer) {
        if (counts.experts() == 1) {
            return 1;
        }
        double sum = 0;
        for (int expert = 0; expert < counts.experts(); expert++) {
            double share = share(counts, layer, expert);
            // StrictMath: the same bits on every machine of a cluster.
            sum -= share == 0 ? 0 : share * StrictMath.log(share);
        }
        return sum / StrictMath.log(counts.experts());
    }
}
