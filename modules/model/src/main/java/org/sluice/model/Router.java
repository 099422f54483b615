package org.sluice.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/** Chooses the experts of each row of one layer, and tells what it chose. {@link org.sluice.tensor.Mixture} has the formulas. */
final class Router {
    private final int layer;
    private final Backend backend;
    private final MixtureConfig config;
    private final Weight weight;
    private final Tensor routed;
    private final Activations activations;
    private final Optional<Gradients> gradients;
    private final ByteBuffer offsetBytes;
    private final ByteBuffer sumBytes;
    private final long[] counts;
    private final double[] probabilitySums;
    private final double[] probabilityGradient;
    private double squares;

    /**
     * What the router decided; the backward leaves the gradient of its logits in {@code probabilities}.
     *
     * @param probabilities {@code [N, X]}
     * @param logSumExp {@code [N]}
     * @param experts int32 {@code [N, k]}
     * @param weights {@code [N, k]}
     * @param places int32 {@code [N, k]}
     * @param offsets int32 {@code [X + 1]}
     * @param probabilitySums float64 {@code [X]}, shared between layers
     * @param squares float64 {@code [1]}, shared between layers
     */
    record Activations(
            Tensor probabilities,
            Tensor logSumExp,
            Tensor experts,
            Tensor weights,
            Tensor places,
            Tensor offsets,
            Tensor probabilitySums,
            Tensor squares) {
        static Activations allocate(Allocator own, Allocator shared, MixtureConfig config) {
            Shape choices = own.batch().rowsOf(config.chosen());
            return new Activations(
                    own.rows("probabilities", config.experts()),
                    own.allocate("log_sum_exp", own.batch().perRow()),
                    own.allocate("experts", DType.INT32, choices),
                    own.allocate("weights", choices),
                    own.allocate("places", DType.INT32, choices),
                    own.allocate("offsets", DType.INT32, Shape.of(config.experts() + 1)),
                    shared.allocate("probability_sums", DType.FLOAT64, Shape.of(config.experts())),
                    shared.allocate("squares", DType.FLOAT64, Shape.of(1)));
        }
    }

    /**
     * The gradients on the way back, shared between layers.
     *
     * @param weights of the experts' weights {@code [N, k]}
     * @param probability what each expert's probability adds in every row: float64 {@code [X]}
     */
    record Gradients(Tensor weights, Tensor probability) {
        static Gradients allocate(Allocator allocator, MixtureConfig config) {
            return new Gradients(
                    allocator.rows("weights", config.chosen()),
                    allocator.allocate("probability", DType.FLOAT64, Shape.of(config.experts())));
        }
    }

    /**
     * @param layer from 0
     * @param weight {@code [X, D]}
     * @param routed int32 {@code [N]}, 0 for the rows that no expert sees
     */
    Router(
            int layer,
            Backend backend,
            MixtureConfig config,
            Weight weight,
            Tensor routed,
            Activations activations,
            Optional<Gradients> gradients) {
        this.layer = layer;
        this.backend = backend;
        this.config = config;
        this.weight = weight;
        this.routed = routed;
        this.activations = activations;
        this.gradients = gradients;
        this.offsetBytes =
                ByteBuffer.allocate((config.experts() + 1) * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        this.sumBytes = ByteBuffer.allocate(config.experts() * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        this.counts = new long[config.experts()];
        this.probabilitySums = new double[config.experts()];
        this.probabilityGradient = new double[config.experts()];
    }

    /** The weight of each row's experts {@code [N, k]}. */
    Tensor weights() {
        return activations.weights();
    }

    /** Where the backward expects the gradient of {@link #weights}. */
    Tensor weightsGradient() {
        return gradients.orElseThrow().weights();
    }

    /** The row of each choice in the order of experts, int32 {@code [N, k]}. */
    Tensor places() {
        return activations.places();
    }

    /** The first row of each expert in the order of experts, int32 {@code [X + 1]}. */
    Tensor offsets() {
        return activations.offsets();
    }

    /** @param input the normalised stream {@code [N, D]} */
    void forward(Tensor input) {
        Activations a = activations;
        weight.project(backend.linearAlgebra(), input, a.probabilities());
        backend.mixture()
                .route(
                        a.probabilities(),
                        routed,
                        config.normalised(),
                        a.probabilities(),
                        a.logSumExp(),
                        a.experts(),
                        a.weights(),
                        a.places(),
                        a.offsets());
        backend.mixture().routerSums(a.probabilities(), a.logSumExp(), a.probabilitySums(), a.squares());
        readSums();
    }

    private void readSums() {
        backend.memory().read(activations.probabilitySums(), 0, sumBytes.clear());
        squares = backend.memory().scalar(activations.squares());
        backend.memory().read(activations.offsets(), 0, offsetBytes.clear());
        for (int expert = 0; expert < counts.length; expert++) {
            probabilitySums[expert] = sumBytes.getDouble(expert * Double.BYTES);
            counts[expert] = offsetBytes.getInt((expert + 1) * Integer.BYTES)
                    - (long) offsetBytes.getInt(expert * Integer.BYTES);
        }
    }

    /** Writes what the last forward did into this layer's part of a pass. */
    void addTo(RouterSums pass) {
        int at = layer * config.experts();
        System.arraycopy(counts, 0, pass.counts().counts(), at, counts.length);
        System.arraycopy(probabilitySums, 0, pass.probabilitySums(), at, counts.length);
        pass.squares()[layer] = squares;
    }

    /**
     * From the gradient of {@link #weights}, and from the router's own losses.
     *
     * @param input as in the forward
     * @param inputGradient {@code [N, D]}, overwritten
     */
    void backward(Tensor input, Tensor inputGradient, RouterObjective objective) {
        Activations a = activations;
        Gradients g = gradients.orElseThrow();
        setProbabilityGradient(objective);
        backend.memory().writeDoubles(probabilityGradient, g.probability());
        backend.mixture()
                .routeBackward(
                        g.weights(),
                        a.probabilities(),
                        a.logSumExp(),
                        a.experts(),
                        a.weights(),
                        config.normalised(),
                        g.probability(),
                        objective.zLossWeight() / objective.rows(),
                        a.probabilities());
        weight.projectBackward(backend.linearAlgebra(), a.probabilities(), input, inputGradient, false);
    }

    /** The derivative of {@code loadBalanceWeight * X sum over x of f_x P_x} by each row's probability of expert {@code x}. */
    private void setProbabilityGradient(RouterObjective objective) {
        ExpertCounts global = objective.counts().orElse(null);
        long choices = 0;
        for (int expert = 0; expert < counts.length; expert++) {
            choices += global == null ? counts[expert] : global.at(layer, expert);
        }
        double factor = objective.loadBalanceWeight() * config.experts() / objective.rows();
        for (int expert = 0; expert < counts.length; expert++) {
            long count = global == null ? counts[expert] : global.at(layer, expert);
            probabilityGradient[expert] = factor * count / Math.max(1, choices);
        }
    }
}
