package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/**
 * Attention among the tokens of a batch's own sequences: for training and evaluation.
 *
 * @param firstVisible int32 {@code [B, T]}
 * @param logSumExp {@code [B, H, T]}
 * @param delta {@code [B, H, T]}, shared between layers; empty in evaluation
 */
record SequenceAttention(Backend backend, double scale, Tensor firstVisible, Tensor logSumExp, Optional<Tensor> delta)
        implements AttentionCore {

    @Override
    public void forward(Tensor query, Tensor key, Tensor value, Tensor out) {
        backend.attention().forward(query, key, value, firstVisible, scale, out, logSumExp);
    }

    @Override
    public void backward(Tensor outGradient, Values forward, Gradients gradients) {
        Tensor outDot = delta.orElseThrow();
        backend.attention().outputDot(outGradient, forward.out(), outDot);
        backend.attention()
                .backward(
                        outGradient,
                        outDot,
                        forward.query(),
                        forward.key(),
                        forward.value(),
                        firstVisible,
                        scale,
                        logSumExp,
                        gradients.query(),
                        gradients.key(),
                        gradients.value());
    }

    @Override
    public void observe(int layer, Tensor query, Tensor key, ForwardObserver observer) {
        observer.attention(layer, query, key, logSumExp, firstVisible, scale);
    }

    /**
     * For sequences that begin at time 0.
     *
     * @param rotary {@code [T, E / 2]}
     * @param firstVisible int32 {@code [B, T]}
     */
    record Factory(Backend backend, DecoderConfig config, RotaryTables rotary, Tensor firstVisible)
            implements AttentionCore.Factory {

        /** @param allocator where the angles lie, and whose batch has the sequences' length */
        static Factory of(Backend backend, DecoderConfig config, Allocator allocator, DecoderInput input) {
            return new Factory(
                    backend, config, RotaryTables.allocate(allocator, config, backend), input.firstVisible());
        }

        @Override
        public AttentionCore core(int layer, Allocator own, Optional<Allocator> gradients) {
            return new SequenceAttention(
                    backend,
                    config.attentionScale(),
                    firstVisible,
                    own.allocate("log_sum_exp", own.batch().perHeadAndToken(config.heads())),
                    gradients.map(all -> all.allocate("delta", all.batch().perHeadAndToken(config.heads()))));
        }
    }
}
