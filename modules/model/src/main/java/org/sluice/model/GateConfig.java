package org.sluice.model;

import java.io.Serializable;
import java.util.Objects;
import org.sluice.tensor.Shape;

/**
 * The gate of every attention layer (arXiv 2505.06708): with {@code X} the hidden state after the pre-attention RMSNorm and {@code Y} what
 * is gated, {@code Y' = Y * sigmoid(X W)}.
 *
 * <p>Every part of the model that depends on the gate asks this record, or the layer that was built from it; nothing else compares
 * positions or granularities. A new variant is a new component here and an implementation of {@link AttentionGate}.
 */
public record GateConfig(GatePosition position, GateGranularity granularity) implements Serializable {
    /** No gate: the baseline. */
    public static final GateConfig NONE = new GateConfig(GatePosition.NONE, GateGranularity.NONE);

    /** G1 elementwise. */
    public static final GateConfig SDPA_ELEMENTWISE =
            new GateConfig(GatePosition.SDPA_OUTPUT, GateGranularity.ELEMENTWISE);

    /** G1 headwise. */
    public static final GateConfig SDPA_HEADWISE = new GateConfig(GatePosition.SDPA_OUTPUT, GateGranularity.HEADWISE);

    /**
     * Checks that the two agree.
     *
     * @throws IllegalArgumentException if a position comes without a granularity or the other way round
     */
    public GateConfig {
        Objects.requireNonNull(position, "position");
        Objects.requireNonNull(granularity, "granularity");
        if ((position == GatePosition.NONE) != (granularity == GateGranularity.NONE)) {
            throw new IllegalArgumentException("gate position " + position.id() + " does not go with granularity "
                    + granularity.id() + "; either both are none, or neither is");
        }
    }

    /** Whether there is a gate. */
    public boolean isPresent() {
        return position != GatePosition.NONE;
    }

    /**
     * The scores of one token, which is also the number of rows of the gate's weight {@code [scores, D]}; 0 without a gate.
     *
     * @param heads the heads that are gated
     * @param headDim the values of one head
     */
    public int scoresPerToken(int heads, int headDim) {
        return switch (granularity) {
            case NONE -> 0;
            case ELEMENTWISE -> Math.multiplyExact(heads, headDim);
            case HEADWISE -> heads;
        };
    }

    /**
     * The shape of the gate's logits for a batch: {@code [B, T, H, E]} or {@code [B, T, H]}.
     *
     * @throws IllegalStateException if there is no gate
     */
    Shape logitsShape(int sequences, int length, int heads, int headDim) {
        return switch (granularity) {
            case NONE -> throw new IllegalStateException("a model without a gate has no gate logits");
            case ELEMENTWISE -> Shape.of(sequences, length, heads, headDim);
            case HEADWISE -> Shape.of(sequences, length, heads);
        };
    }

    /** The gate in words for reports and messages: {@code sdpa_output elementwise}, or {@code none}. */
    @Override
    public String toString() {
        return isPresent() ? position.id() + " " + granularity.id() : position.id();
    }
}
