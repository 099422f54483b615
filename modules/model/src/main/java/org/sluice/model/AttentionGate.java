package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Tensor;

/** What is done to the output of scaled dot-product attention before the output projection. */
interface AttentionGate {

    /**
     * Gates the attention output in place.
     *
     * @param input the pre-attention normalised hidden state {@code [N, D]}
     * @param output {@code [B, T, H, E]}
     */
    void forward(Tensor input, Tensor output);

    /**
     * Turns the gradient of the gated output into that of the attention output, in place, and gives the {@code delta} that the backward of
     * attention needs.
     *
     * @param outputGradient {@code [B, T, H, E]}
     * @param output what {@link #forward} left {@code [B, T, H, E]}
     * @param delta {@code [B, H, T]}, overwritten
     */
    void backwardOutput(Tensor outputGradient, Tensor output, Tensor delta);

    /**
     * Adds the gate's own part to the gradients of its weight and of its input; after {@link #backwardOutput}.
     *
     * @param input as in the forward
     * @param inputGradient {@code [N, D]}, accumulated
     */
    void backwardInput(Tensor input, Tensor inputGradient);

    /** The logits of the last forward: {@code [B, T, H, E]} or {@code [B, T, H]}; empty if there is no gate. */
    Optional<Tensor> logits();
}
