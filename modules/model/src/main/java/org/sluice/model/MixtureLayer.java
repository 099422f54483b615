package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Mixture;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * A mixture of SwiGLU experts: each row goes to the {@code k} experts that the router prefers, and gets the weighted sum of what they make
 * of it. {@link Mixture} has the formulas.
 */
final class MixtureLayer implements FeedForward {
    private final Backend backend;
    private final Router router;
    private final Projections weights;
    private final Activations activations;
    private final BranchEnd end;
    private final Optional<Gradients> gradients;

    /**
     * The experts' weights of one layer.
     *
     * @param gate {@code [X, F, D]}
     * @param up {@code [X, F, D]}
     * @param down {@code [X, D, F]}
     */
    record Projections(Weight gate, Weight up, Weight down) {
        static Projections of(Weights weights, ParameterNames names) {
            return new Projections(
                    weights.named(names.expertGate()),
                    weights.named(names.expertUp()),
                    weights.named(names.expertDown()));
        }
    }

    /**
     * The rows in the order of their experts; the backward leaves the gradients of {@code gate}, {@code up} and {@code output} in their
     * place.
     *
     * @param input {@code [M, D]}
     * @param gate {@code [M, F]}
     * @param up {@code [M, F]}
     * @param activated {@code [M, F]}
     * @param output {@code [M, D]}
     */
    record Activations(Tensor input, Tensor gate, Tensor up, Tensor activated, Tensor output) {
        static Activations allocate(Allocator allocator, DecoderConfig config) {
            long rows = (long) allocator.batch().rows() * config.mixture().chosen();
            Shape hidden = Shape.of(rows, config.hidden());
            Shape ffn = Shape.of(rows, config.ffn());
            return new Activations(
                    allocator.allocate("expert_input", hidden),
                    allocator.allocate("gate", ffn),
                    allocator.allocate("up", ffn),
                    allocator.allocate("activated", ffn),
                    allocator.allocate("expert_output", hidden));
        }
    }

    /**
     * The gradients on the way back, shared between layers.
     *
     * @param activated {@code [M, F]}
     * @param input {@code [M, D]}
     */
    record Gradients(Tensor activated, Tensor input) {
        static Gradients allocate(Allocator allocator, DecoderConfig config) {
            long rows = (long) allocator.batch().rows() * config.mixture().chosen();
            return new Gradients(
                    allocator.allocate("activated", Shape.of(rows, config.ffn())),
                    allocator.allocate("expert_input", Shape.of(rows, config.hidden())));
        }
    }

    MixtureLayer(
            Backend backend,
            Router router,
            Projections weights,
            Activations activations,
            BranchEnd end,
            Optional<Gradients> gradients) {
        this.backend = backend;
        this.router = router;
        this.weights = weights;
        this.activations = activations;
        this.end = end;
        this.gradients = gradients;
    }

    @Override
    public void forward(Tensor input) {
        Activations a = activations;
        Mixture mixture = backend.mixture();
        router.forward(input);
        Tensor offsets = router.offsets();
        mixture.permute(input, router.places(), a.input());
        mixture.groupedMatmul(a.input(), weights.gate().value(), true, offsets, a.gate(), false);
        mixture.groupedMatmul(a.input(), weights.up().value(), true, offsets, a.up(), false);
        backend.gates().swiGlu(a.gate(), a.up(), a.activated());
        mixture.groupedMatmul(a.activated(), weights.down().value(), true, offsets, a.output(), false);
        mixture.combine(
                a.output(), router.places(), router.weights(), end.output().rows());
        end.forward();
    }

    @Override
    public void addTo(RouterSums pass) {
        router.addTo(pass);
    }

    @Override
    public void backward(HeadTensor branchGradient, Tensor input, Tensor inputGradient, RouterObjective objective) {
        Activations a = activations;
        Gradients g = gradients.orElseThrow();
        Mixture mixture = backend.mixture();
        Tensor offsets = router.offsets();
        mixture.combineBackward(
                end.backward(branchGradient).rows(),
                a.output(),
                router.places(),
                router.weights(),
                a.output(),
                router.weightsGradient());
        mixture.groupedWeightGradient(
                a.output(), a.activated(), offsets, weights.down().gradient());
        mixture.groupedMatmul(a.output(), weights.down().value(), false, offsets, g.activated(), false);
        backend.gates().swiGluBackward(g.activated(), a.gate(), a.up(), a.gate(), a.up());
        mixture.groupedWeightGradient(
                a.gate(), a.input(), offsets, weights.gate().gradient());
        mixture.groupedWeightGradient(a.up(), a.input(), offsets, weights.up().gradient());
        mixture.groupedMatmul(a.gate(), weights.gate().value(), false, offsets, g.input(), false);
        mixture.groupedMatmul(a.up(), weights.up().value(), false, offsets, g.input(), true);
        router.backward(input, inputGradient, objective);
        mixture.permuteBackward(g.input(), router.places(), inputGradient);
    }
}
