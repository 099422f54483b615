package org.sluice.model;

import org.sluice.tensor.Backend;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * One point of the residual stream: a branch is added to the stream, and the sum is normalised for the next branch.
 *
 * <p>The residual add behind a layer and the RMSNorm before the next are one operation, so the stream is read once; only a clip between
 * them takes them apart.
 */
final class ResidualNorm {
    private final Backend backend;
    private final double epsilon;
    private final double clip;
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

    /** @param clip the bound of the sum; 0 for none, and at the start of the stream, where nothing is added */
    ResidualNorm(Backend backend, double epsilon, double clip, Weight weight, Activations activations) {
        this.backend = backend;
        this.epsilon = epsilon;
        this.clip = clip;
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
    void normalise() {
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
        if (clip > 0) {
            addAndClip(residual, branch);
            normalise();
            return;
        }
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

    private void addAndClip(Tensor residual, Tensor branch) {
        if (residual != activations.sum()) {
            backend.memory().copy(residual, activations.sum());
        }
        backend.memory().addScaled(branch, 1, activations.sum());
        backend.normalisation().clip(activations.sum(), clip);
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
        if (clip > 0) {
            backend.normalisation().clipBackward(activations.sum(), clip, streamGradient);
        }
    }
}
