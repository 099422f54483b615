package org.sluice.model;

import java.io.Serializable;
import java.util.Arrays;

/**
 * How many rows each expert of each layer was given. A row is given to {@code k} experts and counts once for each.
 *
 * @param layers the layers of the model
 * @param experts {@code X}, the experts of a layer; 0 for a dense model
 * @param counts {@code [layers, X]}, a layer after the other; not copied
 */
public record ExpertCounts(int layers, int experts, long[] counts) implements Serializable {

    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException if there are not {@code layers * experts} counts
     */
    public ExpertCounts {
        if (counts.length != Math.multiplyExact(layers, experts)) {
            throw new IllegalArgumentException(
                    counts.length + " counts for " + layers + " layers of " + experts + " experts");
        }
    }

    /** No row yet. */
    public static ExpertCounts none(DecoderConfig config) {
        int experts = config.mixture().experts();
        return new ExpertCounts(config.layers(), experts, new long[Math.multiplyExact(config.layers(), experts)]);
    }

    /** The rows that an expert was given. */
    public long at(int layer, int expert) {
        return counts[layer * experts + expert];
    }

    /** The rows of all experts of a layer: {@code k} times the routed rows. */
    public long ofLayer(int layer) {
        return Arrays.stream(counts, layer * experts, (layer + 1) * experts).sum();
    }

    /**
     * These and the other's rows together.
     *
     * @throws IllegalArgumentException if the two come from models of different shapes
     */
    public ExpertCounts plus(ExpertCounts other) {
        if (layers != other.layers || experts != other.experts) {
            throw new IllegalArgumentException("counts of " + layers + " layers of " + experts
                    + " experts cannot be added to those of " + other.layers + " layers of " + other.experts);
        }
        long[] sum = new long[counts.length];
        Arrays.setAll(sum, index -> counts[index] + other.counts[index]);
        return new ExpertCounts(layers, experts, sum);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ExpertCounts that
                && layers == that.layers
                && experts == that.experts
                && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts) * 31 + layers;
    }

    @Override
    public String toString() {
        return layers + " layers of " + experts + " experts " + Arrays.toString(counts);
    }
}
