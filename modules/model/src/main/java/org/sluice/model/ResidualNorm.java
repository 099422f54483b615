package org.sluice.model;

import org.sluice.tensor.Backend;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * One point of the residual stream: a branch is added to the stream, and the sum is normalised for the next branch.
 *
 * <p>The residual add behind a layer and the RMSNorm before the next are one operation, so the stream is read once.
 */
final class ResidualNorm {
    private final Backend backend;
    private final double epsilon;
    private final Weight weight;
    private final Activations activations;

    /**
     * What the backward needs.
     *
     * @param sum the residual stream {@code [N, D]}
     * @param normalised {@code [N, D]}, the input of the next branch
     * @param inverseRms {@code [N]}
     */
    record Activations(Tensor sum, Tensor normalised, Tensor inverseRms) {
        static Activations allocate(Allocator allocator, DecoderConfig config) {
            return new Activations(
                    allocator.rows("sum", config.hidden()),
                    allocator.rows("normalised", config.hidden()),
                    allocator.allocate("inverse_rms", Shape.of(allocator.batch().rows())));
        }
    }

    ResidualNorm(Backend backend, double epsilon, Weight weight, Activations activations) {
        this.backend = backend;
        this.epsilon = epsilon;
        this.weight = weight;
        this.activations = activations;
    }

    /** The residual stream {@code [N, D]}; the start of the stream is written here. */
    Tensor sum() {
        return activations.sum();
    }

    /** The normalised stream {@code [N, D]}. */
    Tensor normalised() {
        return activations.normalised();
    }

    /** Normalises what {@link #sum} holds. */
    void forwardAtStart() {
        backend.normalisation()
                .rmsNorm(
                        activations.sum(), weight.value(), epsilon, activations.normalised(), activations.inverseRms());
    }

    /**
     * Adds a branch to the stream and normalises the sum.
     *
     * @param residual the stream before, {@code [N, D]}; may be {@link #sum} itself
     * @param branch {@code [N, D]}
     */
    void forward(Tensor residual, Tensor branch) {
        backend.normalisation()
                .addRmsNorm(
                        residual,
                        branch,
                        weight.value(),
                        epsilon,
                        activations.sum(),
                        activations.normalised(),
                        activations.inverseRms());
    }

    /**
     * From the gradient of {@link #normalised} to that of the stream, which is that of both its terms.
     *
     * @param normalisedGradient {@code [N, D]}
     * @param streamGradient {@code [N, D]}
     * @param accumulate whether {@code streamGradient} already holds what flows past this norm
     */
    void backward(Tensor normalisedGradient, Tensor streamGradient, boolean accumulate) {
        backend.normalisation()
                .rmsNormBackward(
                        normalisedGradient,
                        activations.sum(),
                        weight.value(),
                        activations.inverseRms(),
                        streamGradient,
                        accumulate,
                        weight.gradient());
    }
}
