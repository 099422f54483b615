package org.sluice.model;

import java.io.Serializable;

/**
 * The experts of every feed-forward layer: a softmax router chooses some of them for each token.
 *
 * @param experts {@code X}, each a SwiGLU of the model's feed-forward size; 0 for a dense model
 * @param chosen {@code k}, the experts of one token
 * @param normalised whether the weights of a token's experts are divided by their sum
 */
public record MixtureConfig(int experts, int chosen, boolean normalised) implements Serializable {
    /** No experts: one feed-forward layer for all tokens. */
    public static final MixtureConfig DENSE = new MixtureConfig(0, 0, false);

    /** Experts whose weights add up to 1. */
    public static MixtureConfig of(int experts, int chosen) {
        return new MixtureConfig(experts, chosen, true);
    }

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if {@code chosen} is not in {@code 1..experts}, but for a dense model
     */
    public MixtureConfig {
        boolean dense = experts == 0 && chosen == 0 && !normalised;
        if (!dense && (experts < 1 || chosen < 1 || chosen > experts)) {
            throw new IllegalArgumentException("a mixture of " + experts + " experts of which " + chosen
                    + " are chosen: there must be at least 1 expert, and chosen must be 1.." + experts);
        }
    }

    public boolean isPresent() {
        return experts > 0;
    }

    /** The mixture in words: {@code 128 experts top 8}, or {@code dense}. */
    @Override
    public String toString() {
        return isPresent() ? experts + " experts top " + chosen + (normalised ? "" : ", not normalised") : "dense";
    }
}
