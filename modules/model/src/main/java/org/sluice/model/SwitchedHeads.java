package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/**
 * Each head the sum of its chosen experts: {@link SwitchHeads}.
 *
 * @param weight {@code [K * X, D]}
 * @param before the experts of each head side by side {@code [B, T, K * X, E]}
 * @param after {@code [B, T, K, E]}
 * @param logits {@code [B, T, K * X]}
 * @param gradients empty in evaluation
 */
record SwitchedHeads(
        Backend backend,
        SwitchHeads config,
        Weight weight,
        HeadTensor before,
        HeadTensor after,
        HeadTensor logits,
        Optional<Gradients> gradients)
        implements Passage {

    /**
     * What the backward writes, shared between layers.
     *
     * @param before {@code [B, T, K * X, E]}
     * @param logits {@code [B, T, K * X]}
     */
    record Gradients(HeadTensor before, HeadTensor logits) {}

    @Override
    public void forward(Tensor input) {
        weight.project(backend.linearAlgebra(), input, logits.rows());
        backend.gates().switchHeads(before.byHead(), logits.byHead(), config.chosen(), after.byHead());
    }

    @Override
    public HeadTensor backward(HeadTensor gradientAfter) {
        Gradients g = gradients.orElseThrow();
        backend.gates()
                .switchHeadsBackward(
                        gradientAfter.byHead(),
                        before.byHead(),
                        logits.byHead(),
                        config.chosen(),
                        g.before().byHead(),
                        g.logits().byHead());
        return g.before();
    }

    @Override
    public void backwardInput(Tensor input, Tensor inputGradient) {
        weight.projectBackward(
                backend.linearAlgebra(), gradients.orElseThrow().logits().rows(), input, inputGradient, true);
    }
}
