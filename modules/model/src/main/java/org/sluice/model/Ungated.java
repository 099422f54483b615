package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/** No gate: the attention output passes as it is. */
final class Ungated implements AttentionGate {
    private final Backend backend;

    Ungated(Backend backend) {
        this.backend = backend;
    }

    @Override
    public void forward(Tensor input, Tensor output) {}

    @Override
    public void backwardOutput(Tensor outputGradient, Tensor output, Tensor delta) {
        backend.attention().outputDot(outputGradient, output, delta);
    }

    @Override
    public void backwardInput(Tensor input, Tensor inputGradient) {}

    @Override
    public Optional<Tensor> logits() {
        return Optional.empty();
    }
}
