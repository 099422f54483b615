package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/**
 * G1 of arXiv 2505.06708: {@code output * sigmoid(input W^T)}, elementwise or headwise by the shape of its logits.
 *
 * <p>Only the gated output and the logits are kept; the ungated output is not, since the backward does without it.
 */
final class OutputGate implements AttentionGate {
    private final Backend backend;
    private final Weight weight;
    private final Tensor logits;
    private final Tensor logitRows;
    private final Optional<LogitsGradient> gradient;

    /**
     * The gradient of the logits, shared between layers.
     *
     * @param asLogits in the shape of the logits
     * @param rows {@code [N, scores]}
     */
    record LogitsGradient(Tensor asLogits, Tensor rows) {
        static LogitsGradient allocate(Allocator allocator, DecoderConfig config) {
            Tensor gradient = allocateLogits(allocator, config, "gate_logits_gradient");
            return new LogitsGradient(gradient, asRows(allocator, gradient));
        }
    }

    /** Allocates the logits of one layer: {@code [B, T, H, E]} or {@code [B, T, H]}. */
    static Tensor allocateLogits(Allocator allocator, DecoderConfig config, String name) {
        BatchShape batch = allocator.batch();
        return allocator.allocate(
                name, config.gate().logitsShape(batch.sequences(), batch.length(), config.heads(), config.headDim()));
    }

    private static Tensor asRows(Allocator allocator, Tensor logits) {
        int rows = allocator.batch().rows();
        return logits.reshape(allocator.batch().rowsOf(Math.toIntExact(logits.elements() / rows)));
    }

    OutputGate(Backend backend, Allocator allocator, Weight weight, Tensor logits, Optional<LogitsGradient> gradient) {
        this.backend = backend;
        this.weight = weight;
        this.logits = logits;
        this.logitRows = asRows(allocator, logits);
        this.gradient = gradient;
    }

    @Override
    public void forward(Tensor input, Tensor output) {
        weight.project(backend.linearAlgebra(), input, logitRows);
        backend.gates().sigmoidGate(output, logits, output);
    }

    @Override
    public void backwardOutput(Tensor outputGradient, Tensor output, Tensor delta) {
        backend.gates()
                .sigmoidGateBackward(
                        outputGradient,
                        output,
                        logits,
                        outputGradient,
                        gradient.orElseThrow().asLogits(),
                        delta);
    }

    @Override
    public void backwardInput(Tensor input, Tensor inputGradient) {
        weight.projectBackward(backend.linearAlgebra(), gradient.orElseThrow().rows(), input, inputGradient, true);
    }

    @Override
    public Optional<Tensor> logits() {
        return Optional.of(logits);
    }
}
