package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/**
 * A gate (arXiv 2505.06708): {@code after = before * activation(logits)} or {@code before + activation(logits)}.
 *
 * @param before {@code [B, T, heads, E]}
 * @param after {@code [B, T, heads, E]}
 * @param logits {@code [B, T, heads, E]} or {@code [B, T, heads]}; the backward leaves their gradient there
 * @param source what fills the logits
 * @param gradientBefore where the backward writes the gradient of {@code before}; empty for the memory of the gradient that comes in
 */
record Gate(
        Backend backend,
        GateConfig config,
        HeadTensor before,
        HeadTensor after,
        HeadTensor logits,
        LogitsSource source,
        Optional<HeadTensor> gradientBefore)
        implements Passage {

    @Override
    public void forward(Tensor input) {
        source.forward(input, before);
        backend.gates().gate(config.function(), before.byHead(), logits.byHead(), after.byHead());
    }

    @Override
    public HeadTensor backward(HeadTensor gradientAfter) {
        HeadTensor gradient = gradientBefore.orElse(gradientAfter);
        backend.gates()
                .gateBackward(
                        config.function(),
                        gradientAfter.byHead(),
                        before.byHead(),
                        logits.byHead(),
                        gradient.byHead(),
                        logits.byHead());
        source.backwardGated(gradient);
        return gradient;
    }

    @Override
    public void backwardInput(Tensor input, Tensor inputGradient) {
        source.backwardInput(input, inputGradient);
    }

    @Override
    public void observe(int layer, ForwardObserver observer) {
        observer.gate(layer, config, logits.byHead(), before.byHead(), after.byHead());
    }
}
