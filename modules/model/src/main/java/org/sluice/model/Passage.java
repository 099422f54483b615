package org.sluice.model;

import org.sluice.tensor.Tensor;

/**
 * What stands at one position of an attention layer: values come in at {@link #before} and leave at {@link #after}. Where nothing stands,
 * the two are the same memory.
 */
interface Passage {

    /** Where the values are written before {@link #forward}: {@code [B, T, heads, E]}. */
    HeadTensor before();

    /** Where they are read after {@link #forward}: {@code [B, T, heads, E]}. */
    HeadTensor after();

    /**
     * From {@link #before} to {@link #after}.
     *
     * @param input the hidden state after the pre-attention norm {@code [N, D]}
     */
    void forward(Tensor input);

    /**
     * From the gradient of {@link #after} to that of {@link #before}. Can be done once after each forward, since it may overwrite what the
     * forward kept.
     *
     * @param gradientAfter lost, unless the passage was given memory for the gradient of {@link #before}
     * @return the gradient of {@link #before}; may be the memory of {@code gradientAfter}
     */
    HeadTensor backward(HeadTensor gradientAfter);

    /**
     * Adds to the gradients of the passage's own weights, and of the input that they read; after {@link #backward}.
     *
     * @param input as in the forward
     * @param inputGradient {@code [N, D]}, accumulated
     */
    default void backwardInput(Tensor input, Tensor inputGradient) {}

    /** Shows an observer of gates the last forward; what is no gate shows nothing. */
    default void observe(int layer, ForwardObserver observer) {}
}
