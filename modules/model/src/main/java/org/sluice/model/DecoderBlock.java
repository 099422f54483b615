package org.sluice.model;

import org.sluice.tensor.Tensor;

/** One pre-norm layer of the decoder: attention and feed-forward, each a branch off the residual stream. */
record DecoderBlock(
        ResidualNorm attentionNorm,
        AttentionLayer attention,
        ResidualNorm feedForwardNorm,
        FeedForwardLayer feedForward) {

    /**
     * From the stream at {@link #attentionNorm} to that at the next norm.
     *
     * @param branch scratch {@code [N, D]}
     * @param next the norm behind this block, which adds its last branch
     */
    void forward(int layer, Tensor branch, ResidualNorm next, ForwardObserver observer) {
        attention.forward(attentionNorm.normalised(), branch);
        attention.observe(layer, observer);
        feedForwardNorm.forward(attentionNorm.sum(), branch);
        feedForward.forward(feedForwardNorm.normalised(), branch);
        next.forward(feedForwardNorm.sum(), branch);
        observer.layerOutput(layer, next.sum());
    }

    /**
     * @param streamGradient the gradient of the stream {@code [N, D]}: behind this block before the call, in front of it after
     * @param normalisedGradient scratch {@code [N, D]}
     */
    void backward(Tensor streamGradient, Tensor normalisedGradient) {
        feedForward.backward(streamGradient, feedForwardNorm.normalised(), normalisedGradient);
        feedForwardNorm.backward(normalisedGradient, streamGradient, true);
        attention.backward(streamGradient, attentionNorm.normalised(), normalisedGradient);
        attentionNorm.backward(normalisedGradient, streamGradient, true);
    }
}
