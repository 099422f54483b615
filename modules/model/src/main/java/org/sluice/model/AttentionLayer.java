package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/**
 * Causal grouped-query attention with QK-norm, RoPE and a gate on its output:
 *
 * <pre>
 * q, k, v = X Wq^T, X Wk^T, X Wv^T
 * O       = attention(rope(norm(q)), rope(norm(k)), v)
 * branch  = gate(O, X) Wo^T
 * </pre>
 *
 * <p>The projections write into tensors of their own: a product into or from a strided column view costs a GEMM half its speed.
 */
final class AttentionLayer {
    private final Backend backend;
    private final DecoderConfig config;
    private final Projections weights;
    private final AttentionGate gate;
    private final RotaryTables rotary;
    private final Tensor firstVisible;
    private final Activations activations;
    private final Optional<Gradients> gradients;

    /** The weights of one layer but for its gate's. */
    record Projections(Weight query, Weight key, Weight value, Weight output, Weight queryNorm, Weight keyNorm) {
        static Projections of(Weights weights, ParameterNames names) {
            return new Projections(
                    weights.named(names.query()),
                    weights.named(names.key()),
                    weights.named(names.value()),
                    weights.named(names.attentionOutput()),
                    weights.named(names.queryNorm()),
                    weights.named(names.keyNorm()));
        }
    }

    /**
     * What the backward needs.
     *
     * @param query as projected, {@code [B, T, H, E]}
     * @param key as projected, {@code [B, T, K, E]}
     * @param value {@code [B, T, K, E]}
     * @param queryInverseRms {@code [B, T, H]}
     * @param keyInverseRms {@code [B, T, K]}
     * @param rotatedQuery {@code [B, T, H, E]}
     * @param rotatedKey {@code [B, T, K, E]}
     * @param output after the gate, {@code [B, T, H, E]}
     * @param logSumExp {@code [B, H, T]}
     */
    record Activations(
            HeadTensor query,
            HeadTensor key,
            HeadTensor value,
            Tensor queryInverseRms,
            Tensor keyInverseRms,
            Tensor rotatedQuery,
            Tensor rotatedKey,
            HeadTensor output,
            Tensor logSumExp) {
        static Activations allocate(Allocator allocator, DecoderConfig config) {
            BatchShape batch = allocator.batch();
            int heads = config.heads();
            int kvHeads = config.kvHeads();
            int headDim = config.headDim();
            return new Activations(
                    allocator.heads("query", heads, headDim),
                    allocator.heads("key", kvHeads, headDim),
                    allocator.heads("value", kvHeads, headDim),
                    allocator.allocate("query_inverse_rms", batch.perTokenAndHead(heads)),
                    allocator.allocate("key_inverse_rms", batch.perTokenAndHead(kvHeads)),
                    allocator.allocate("rotated_query", batch.headsOf(heads, headDim)),
                    allocator.allocate("rotated_key", batch.headsOf(kvHeads, headDim)),
                    allocator.heads("output", heads, headDim),
                    allocator.allocate("log_sum_exp", batch.perHeadAndToken(heads)));
        }
    }

    /**
     * The gradients on the way back, shared between layers.
     *
     * @param output {@code [B, T, H, E]}
     * @param delta {@code [B, H, T]}
     * @param query {@code [B, T, H, E]}
     * @param key {@code [B, T, K, E]}
     * @param value {@code [B, T, K, E]}
     */
    record Gradients(HeadTensor output, Tensor delta, HeadTensor query, HeadTensor key, HeadTensor value) {
        static Gradients allocate(Allocator allocator, DecoderConfig config) {
            return new Gradients(
                    allocator.heads("output", config.heads(), config.headDim()),
                    allocator.allocate("delta", allocator.batch().perHeadAndToken(config.heads())),
                    allocator.heads("query", config.heads(), config.headDim()),
                    allocator.heads("key", config.kvHeads(), config.headDim()),
                    allocator.heads("value", config.kvHeads(), config.headDim()));
        }
    }

    AttentionLayer(
            Backend backend,
            DecoderConfig config,
            Projections weights,
            AttentionGate gate,
            RotaryTables rotary,
            Tensor firstVisible,
            Activations activations,
            Optional<Gradients> gradients) {
        this.backend = backend;
        this.config = config;
        this.weights = weights;
        this.gate = gate;
        this.rotary = rotary;
        this.firstVisible = firstVisible;
        this.activations = activations;
        this.gradients = gradients;
    }

    /**
     * @param input the normalised stream {@code [N, D]}
     * @param branch {@code [N, D]}, overwritten
     */
    void forward(Tensor input, Tensor branch) {
        Activations a = activations;
        weights.query().project(backend.linearAlgebra(), input, a.query().rows());
        weights.key().project(backend.linearAlgebra(), input, a.key().rows());
        weights.value().project(backend.linearAlgebra(), input, a.value().rows());
        rotate(a.query(), weights.queryNorm(), a.rotatedQuery(), a.queryInverseRms());
        rotate(a.key(), weights.keyNorm(), a.rotatedKey(), a.keyInverseRms());
        backend.attention()
                .forward(
                        a.rotatedQuery(),
                        a.rotatedKey(),
                        a.value().byHead(),
                        firstVisible,
                        config.attentionScale(),
                        a.output().byHead(),
                        a.logSumExp());
        gate.forward(input, a.output().byHead());
        weights.output().project(backend.linearAlgebra(), a.output().rows(), branch);
    }

    /**
     * @param branchGradient {@code [N, D]}
     * @param input as in the forward
     * @param inputGradient {@code [N, D]}, overwritten
     */
    void backward(Tensor branchGradient, Tensor input, Tensor inputGradient) {
        Activations a = activations;
        Gradients g = gradients.orElseThrow();
        weights.output()
                .projectBackward(
                        backend.linearAlgebra(),
                        branchGradient,
                        a.output().rows(),
                        g.output().rows(),
                        false);
        gate.backwardOutput(g.output().byHead(), a.output().byHead(), g.delta());
        backend.attention()
                .backward(
                        g.output().byHead(),
                        g.delta(),
                        a.rotatedQuery(),
                        a.rotatedKey(),
                        a.value().byHead(),
                        firstVisible,
                        config.attentionScale(),
                        a.logSumExp(),
                        g.query().byHead(),
                        g.key().byHead(),
                        g.value().byHead());
        rotateBack(g.query(), a.query(), weights.queryNorm(), a.queryInverseRms());
        rotateBack(g.key(), a.key(), weights.keyNorm(), a.keyInverseRms());
        weights.query().projectBackward(backend.linearAlgebra(), g.query().rows(), input, inputGradient, false);
        weights.key().projectBackward(backend.linearAlgebra(), g.key().rows(), input, inputGradient, true);
        weights.value().projectBackward(backend.linearAlgebra(), g.value().rows(), input, inputGradient, true);
        gate.backwardInput(input, inputGradient);
    }

    /** Shows an observer the last forward. */
    void observe(int layer, ForwardObserver observer) {
        observer.attention(
                layer,
                activations.rotatedQuery(),
                activations.rotatedKey(),
                activations.logSumExp(),
                firstVisible,
                config.attentionScale(),
                gate.logits());
    }

    private void rotate(HeadTensor x, Weight norm, Tensor rotated, Tensor inverseRms) {
        backend.normalisation()
                .headNormRotary(
                        x.byHead(),
                        norm.value(),
                        config.normEpsilon(),
                        rotary.cosine(),
                        rotary.sine(),
                        rotated,
                        inverseRms);
    }

    private void rotateBack(HeadTensor gradient, HeadTensor x, Weight norm, Tensor inverseRms) {
        backend.normalisation()
                .headNormRotaryBackward(
                        gradient.byHead(),
                        x.byHead(),
                        norm.value(),
                        rotary.cosine(),
                        rotary.sine(),
                        inverseRms,
                        gradient.byHead(),
                        norm.gradient());
    }
}
