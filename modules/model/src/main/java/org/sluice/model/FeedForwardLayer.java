package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/** SwiGLU: {@code branch = (silu(X Wg^T) * X Wu^T) Wd^T}. */
final class FeedForwardLayer implements FeedForward {
    private final Backend backend;
    private final Projections weights;
    private final Activations activations;
    private final BranchEnd end;
    private final Optional<Tensor> activatedGradient;

    /** The weights of one layer. */
    record Projections(Weight gate, Weight up, Weight down) {
        static Projections of(Weights weights, ParameterNames names) {
            return new Projections(
                    weights.named(names.feedForwardGate()),
                    weights.named(names.feedForwardUp()),
                    weights.named(names.feedForwardDown()));
        }
    }

    /**
     * What the backward needs, which leaves the gradients of {@code gate} and {@code up} in their place.
     *
     * @param gate {@code [N, F]}
     * @param up {@code [N, F]}
     * @param activated {@code silu(gate) * up}, {@code [N, F]}
     */
    record Activations(Tensor gate, Tensor up, Tensor activated) {
        static Activations allocate(Allocator allocator, DecoderConfig config) {
            return new Activations(
                    allocator.rows("gate", config.ffn()),
                    allocator.rows("up", config.ffn()),
                    allocator.rows("activated", config.ffn()));
        }
    }

    /**
     * @param activatedGradient {@code [N, F]}, shared between layers; empty in evaluation
     */
    FeedForwardLayer(
            Backend backend,
            Projections weights,
            Activations activations,
            BranchEnd end,
            Optional<Tensor> activatedGradient) {
        this.backend = backend;
        this.weights = weights;
        this.activations = activations;
        this.end = end;
        this.activatedGradient = activatedGradient;
    }

    @Override
    public void forward(Tensor input) {
        weights.gate().project(backend.linearAlgebra(), input, activations.gate());
        weights.up().project(backend.linearAlgebra(), input, activations.up());
        backend.gates().swiGlu(activations.gate(), activations.up(), activations.activated());
        weights.down()
                .project(
                        backend.linearAlgebra(),
                        activations.activated(),
                        end.output().rows());
        end.forward();
    }

    @Override
    public void backward(HeadTensor branchGradient, Tensor input, Tensor inputGradient, RouterObjective objective) {
        Tensor gradient = activatedGradient.orElseThrow();
        Tensor gate = activations.gate();
        Tensor up = activations.up();
        weights.down()
                .projectBackward(
                        backend.linearAlgebra(),
                        end.backward(branchGradient).rows(),
                        activations.activated(),
                        gradient,
                        false);
        backend.gates().swiGluBackward(gradient, gate, up, gate, up);
        weights.gate().projectBackward(backend.linearAlgebra(), gate, input, inputGradient, false);
        weights.up().projectBackward(backend.linearAlgebra(), up, input, inputGradient, true);
    }

    @Override
    public void addTo(RouterSums pass) {}
}
