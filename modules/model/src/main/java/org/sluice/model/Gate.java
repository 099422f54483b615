package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/** A gate (arXiv 2505.06708): {@code after = before * activation(logits)} or {@code before + activation(logits)}. */
final class Gate implements Passage {
    private final Backend backend;
    private final GateConfig config;
    private final HeadTensor before;
    private final HeadTensor after;
    private final HeadTensor logits;
    private final LogitsSource source;
    private final Optional<HeadTensor> gradientBefore;

    /**
     * @param logits {@code [B, T, heads, E]} or {@code [B, T, heads]}; the backward leaves their gradient there
     * @param gradientBefore where the backward writes the gradient of {@code before}; empty for the memory of the gradient that comes in
     */
    Gate(
            Backend backend,
            GateConfig config,
            HeadTensor before,
            HeadTensor after,
            HeadTensor logits,
            LogitsSource source,
            Optional<HeadTensor> gradientBefore) {
        this.backend = backend;
        this.config = config;
        this.before = before;
        this.after = after;
        this.logits = logits;
        this.source = source;
        this.gradientBefore = gradientBefore;
    }

    @Override
    public HeadTensor before() {
        return before;
    }

    @Override
    public HeadTensor after() {
        return after;
    }

    @Override
    public void forward(Tensor input) {
        source.forward(input, before);
        backend.gates().gate(config.function(), before.byHead(), logits.byHead(), after.byHead());
    }

    @Override
    public HeadTensor backward(HeadTensor gradientAfter, Tensor input, Tensor inputGradient) {
        HeadTensor gradient = gradientBefore.orElse(gradientAfter);
        backend.gates()
                .gateBackward(
                        config.function(),
                        gradientAfter.byHead(),
                        before.byHead(),
                        logits.byHead(),
                        gradient.byHead(),
                        logits.byHead());
        source.backward(input, inputGradient, gradient);
        return gradient;
    }

    @Override
    public void observe(int layer, ForwardObserver observer) {
        observer.gate(layer, config, logits.byHead(), before.byHead(), after.byHead());
    }
}
