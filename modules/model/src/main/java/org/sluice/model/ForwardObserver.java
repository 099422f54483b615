package org.sluice.model;

import java.util.Optional;
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
     * @param gateLogits {@code [B, T, H, E]} or {@code [B, T, H]} before the sigmoid; empty without a gate
     */
    void attention(
            int layer,
            Tensor query,
            Tensor key,
            Tensor logSumExp,
            Tensor firstVisible,
            double scale,
            Optional<Tensor> gateLogits);

    /**
     * Called with the residual stream after each layer.
     *
     * @param layer from 0
     * @param hidden {@code [B * T, D]}
     */
    void layerOutput(int layer, Tensor hidden);

    /** Looks at nothing. */
    static ForwardObserver none() {
        return new ForwardObserver() {
            @Override
            public void attention(
                    int layer,
                    Tensor query,
                    Tensor key,
                    Tensor logSumExp,
                    Tensor firstVisible,
                    double scale,
                    Optional<Tensor> gateLogits) {}

            @Override
            public void layerOutput(int layer, Tensor hidden) {}
        };
    }
}
