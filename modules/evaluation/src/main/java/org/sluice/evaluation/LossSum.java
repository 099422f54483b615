package org.sluice.evaluation;

import java.io.Serializable;

/**
 * The loss over some blocks of one domain, as sums that add up.
 *
 * @param sum the sum of cross-entropies in nats
 * @param targets the predicted tokens
 * @param blocks the token blocks
 */
public record LossSum(double sum, long targets, long blocks) implements Serializable {

    LossSum plus(LossSum other) {
        return new LossSum(sum + other.sum, targets + other.targets, blocks + other.blocks);
    }
}
