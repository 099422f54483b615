package org.sluice.training;

import java.io.Serializable;
import org.sluice.model.ExpertCounts;

/**
 * What the routers' losses need to know of a batch that is more than one pass, before its first gradient.
 *
 * @param experts the rows that each expert was given
 * @param rows the rows that were routed
 * @param targets the positions that had a target
 */
public record RoutedBatch(ExpertCounts experts, long rows, long targets) implements Serializable {

    /**
     * This batch and another together.
     *
     * @throws IllegalArgumentException if they come from models of different shapes
     */
    public RoutedBatch plus(RoutedBatch other) {
        return new RoutedBatch(experts.plus(other.experts), rows + other.rows, targets + other.targets);
    }

    /**
     * What a part of this batch multiplies the routers' losses by, which are means over its own rows, so that the parts' gradients, averaged
     * with their targets as weights, are those of means over all rows: {@code (partRows / rows) / (partTargets / targets)}. It is 1 for
     * a part without targets, whose weight is 0, and for the whole batch.
     */
    double routerScale(long partRows, long partTargets) {
        return partTargets == 0 ? 1 : (double) partRows / rows * ((double) targets / partTargets);
    }
}
