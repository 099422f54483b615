package org.sluice.model;

import org.sluice.tensor.Tensor;

/** The feed-forward branch of a layer. */
interface FeedForward {

    /**
     * Writes to the branch that it was made with.
     *
     * @param input the normalised stream {@code [N, D]}
     */
    void forward(Tensor input);

    /**
     * Can be done once after each forward, since it overwrites what the forward kept.
     *
     * @param branchGradient {@code [N, D]}, left as it is
     * @param input as in the forward
     * @param inputGradient {@code [N, D]}, overwritten
     * @param objective what a router adds to the gradients
     */
    void backward(HeadTensor branchGradient, Tensor input, Tensor inputGradient, RouterObjective objective);

    /** Writes what its router did in the last forward into the sums of that pass; a layer without a router writes nothing. */
    void addTo(RouterSums pass);
}
