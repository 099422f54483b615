package org.sluice.model;

/**
 * Switch heads (Csordas et al. 2023, arXiv 2312.07987; arXiv 2505.06708, Table 6): each key/value head has several expert projections,
 * of which each token takes the sum of some, each times the sigmoid of its own score. Keys and values that both have experts choose
 * independently of each other. One expert is a headwise gate.
 *
 * @param position {@link GatePosition#VALUE} or {@link GatePosition#KEY}
 * @param experts the projections of each head
 * @param chosen how many of them a token takes, in {@code 1..experts}
 */
public record SwitchHeads(GatePosition position, int experts, int chosen) implements AttentionModifier {

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public SwitchHeads {
        if (position != GatePosition.VALUE && position != GatePosition.KEY) {
            throw new IllegalArgumentException(
                    "switch heads at " + position.id() + " are not offered; the positions are value and key");
        }
        if (experts < 1 || chosen < 1 || chosen > experts) {
            throw new IllegalArgumentException("switch heads with " + experts + " experts of which " + chosen
                    + " are chosen: there must be at least 1 expert, and chosen must be 1.." + experts);
        }
    }

    @Override
    public String toString() {
        return position.id() + " switch " + experts + "top" + chosen;
    }
}
