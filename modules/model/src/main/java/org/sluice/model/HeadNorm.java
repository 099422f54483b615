package org.sluice.model;

/**
 * RMSNorm of each head's values, with one weight {@code [E]} for all heads of a layer: on the output of attention, the non-linearity
 * without a gate of arXiv 2505.06708, Table 3.
 *
 * @param position must be {@link GatePosition#SDPA_OUTPUT}
 */
public record HeadNorm(GatePosition position) implements AttentionModifier {
    /** On the output of attention. */
    public static final HeadNorm SDPA_OUTPUT = new HeadNorm(GatePosition.SDPA_OUTPUT);

    /**
     * Checks the position.
     *
     * @throws IllegalArgumentException if it is another one
     */
    public HeadNorm {
        if (position != GatePosition.SDPA_OUTPUT) {
            throw new IllegalArgumentException("a norm of heads at " + position.id()
                    + " is not offered; the only position is " + GatePosition.SDPA_OUTPUT.id());
        }
    }

    @Override
    public String toString() {
        return position.id() + " rms_norm";
    }
}
