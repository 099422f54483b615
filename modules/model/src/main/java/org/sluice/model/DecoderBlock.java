package org.sluice.model;

import org.sluice.tensor.Tensor;

/**
 * One pre-norm layer of the decoder: attention and feed-forward, each a branch off the residual stream.
 *
 * @param branch where both write what is added to the stream {@code [N, D]}
 */
record DecoderBlock(
        ResidualNorm attentionNorm,
        AttentionLayer attention,
        ResidualNorm feedForwardNorm,
        FeedForward feedForward,
        Tensor branch) {

    /**
     * From the stream at {@link #attentionNorm} to that at the next norm.
     *
     * @param next the norm behind this block, which adds its last branch
     */
    void forward(int layer, ResidualNorm next, ForwardObserver observer) {
        attention.forward(attentionNorm.normalised());
        attention.observe(layer, observer);
        feedForwardNorm.forward(attentionNorm.sum(), branch);
        feedForward.forward(feedForwardNorm.normalised());
        next.forward(feedForwardNorm.sum(), branch);
        observer.layerOutput(layer, next.sum());
    }

    /**
     * @param streamGradient the gradient of the stream {@code [N, D]}: behind this block before the call, in front of it after
     * @param normalisedGradient scratch {@code [N, D]}
     */
    void backward(HeadTensor streamGradient, Tensor normalisedGradient, RouterObjective objective) {
        feedForward.backward(streamGradient, feedForwardNorm.normalised(), normalisedGradient, objective);
        feedForwardNorm.backward(normalisedGradient, streamGradient.rows(), true);
        attention.backward(streamGradient, attentionNorm.normalised(), normalisedGradient);
        attentionNorm.backward(normalisedGradient, streamGradient.rows(), true);
    }
}
