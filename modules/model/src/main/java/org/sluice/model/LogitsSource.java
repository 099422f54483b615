package org.sluice.model;

import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/** What fills a gate's logits, and takes their gradient, which the backward of the gate leaves in their place. */
interface LogitsSource {

    /**
     * @param input the hidden state {@code [N, D]}
     * @param gated the values before the gate
     */
    void forward(Tensor input, HeadTensor gated);

    /** Adds to the gradient of the values before the gate. */
    default void backwardGated(HeadTensor gatedGradient) {}

    /**
     * Adds to the gradient of a weight, and of the input that it reads.
     *
     * @param inputGradient {@code [N, D]}, accumulated
     */
    default void backwardInput(Tensor input, Tensor inputGradient) {}

    /**
     * {@code logits = input W^T}.
     *
     * @param weight {@code [S, D]}
     * @param logits {@code [N, S]}
     */
    record OfHidden(Backend backend, Weight weight, Tensor logits) implements LogitsSource {
        @Override
        public void forward(Tensor input, HeadTensor gated) {
            weight.project(backend.linearAlgebra(), input, logits);
        }

        @Override
        public void backwardInput(Tensor input, Tensor inputGradient) {
            weight.projectBackward(backend.linearAlgebra(), logits, input, inputGradient, true);
        }
    }

    /**
     * The same logits for every token: {@code logits = 1 w^T}, a product with a column of ones.
     *
     * @param weight {@code [S, 1]}
     * @param ones {@code [N, 1]}
     * @param logits {@code [N, S]}
     */
    record Learned(Backend backend, Weight weight, Tensor ones, Tensor logits) implements LogitsSource {
        @Override
        public void forward(Tensor input, HeadTensor gated) {
            weight.project(backend.linearAlgebra(), ones, logits);
        }

        @Override
        public void backwardInput(Tensor input, Tensor inputGradient) {
            backend.linearAlgebra().matmul(logits, true, ones, false, weight.gradient(), true);
        }
    }

    /**
     * The gated values are their own logits.
     *
     * @param logits {@code [N, S]}
     */
    record OfGated(Backend backend, Tensor logits) implements LogitsSource {
        @Override
        public void forward(Tensor input, HeadTensor gated) {
            backend.memory().copy(gated.rows(), logits);
        }

        @Override
        public void backwardGated(HeadTensor gatedGradient) {
            backend.memory().addScaled(logits, 1, gatedGradient.rows());
        }
    }
}
