package org.sluice.model;

import org.sluice.tensor.Tensor;

/**
 * Sees the inside of a forward pass as it happens. The tensors are the decoder's own: they are valid during the call only, and must not
 * be written to.
 */
public interface ForwardObserver {

    /**
     * Called after the attention of each layer.
     *
     * @param layer from 0
     * @param query {@code [B, T, H, E]} after QK-norm and RoPE
     * @param key {@code [B, T, K, E]} after QK-norm and RoPE
     * @param logSumExp {@code [B, H, T]}
     * @param firstVisible int32 {@code [B, T]}
     * @param scale what scores are multiplied by
     */
    default void attention(int layer, Tensor query, Tensor key, Tensor logSumExp, Tensor firstVisible, double scale) {}

    /**
     * Called after {@link #attention} for each gate of the layer, in the order of {@link DecoderConfig#gates}.
     *
     * @param layer from 0
     * @param gate which gate
     * @param logits {@code [B, T, heads, E]} or, headwise, {@code [B, T, heads]}, before the activation; at
     *     {@link GatePosition#DENSE_OUTPUT} there is one head of {@code D} values
     * @param before what is gated {@code [B, T, heads, E]}
     * @param after the gated values {@code [B, T, heads, E]}
     */
    default void gate(int layer, GateConfig gate, Tensor logits, Tensor before, Tensor after) {}

    /**
     * Called with the residual stream after each layer.
     *
     * @param layer from 0
     * @param hidden {@code [B * T, D]}
     */
    default void layerOutput(int layer, Tensor hidden) {}

    /** Looks at nothing. */
    static ForwardObserver none() {
        return new ForwardObserver() {};
    }
}
