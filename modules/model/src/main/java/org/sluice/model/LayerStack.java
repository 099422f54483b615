package org.sluice.model;

import java.util.List;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/**
 * The way of a batch through a decoder's layers: from its tokens to the normalised stream that the classifier reads.
 *
 * @param embedding {@code [V, D]}
 * @param tokens int32 {@code [N]}
 */
record LayerStack(Backend backend, Weight embedding, Tensor tokens, List<DecoderBlock> blocks, ResidualNorm finalNorm) {

    /** @param observer is shown each layer */
    void forward(ForwardObserver observer) {
        ResidualNorm first = blocks.get(0).attentionNorm();
        backend.linearAlgebra().embed(embedding.value(), tokens, first.sum());
        first.normalise();
        for (int layer = 0; layer < blocks.size(); layer++) {
            boolean last = layer == blocks.size() - 1;
            ResidualNorm next = last ? finalNorm : blocks.get(layer + 1).attentionNorm();
            blocks.get(layer).forward(layer, next, observer);
        }
    }

    /** The stream behind the last layer, normalised: {@code [N, D]}. */
    Tensor normalised() {
        return finalNorm.normalised();
    }

    /** Writes what the routers did in the last forward into the sums of that pass. */
    void addTo(RouterSums pass) {
        blocks.forEach(block -> block.feedForward().addTo(pass));
    }

    /**
     * Can be done once after each forward.
     *
     * @param normalisedGradient of {@link #normalised}, {@code [N, D]}; overwritten
     * @param stream room for the gradient of the stream {@code [N, D]}
     */
    void backward(Tensor normalisedGradient, HeadTensor stream, RouterObjective objective) {
        finalNorm.backward(normalisedGradient, stream.rows(), false);
        for (int layer = blocks.size() - 1; layer >= 0; layer--) {
            blocks.get(layer).backward(stream, normalisedGradient, objective);
        }
        backend.linearAlgebra().embedBackward(stream.rows(), tokens, embedding.gradient());
    }
}
