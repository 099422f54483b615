package org.sluice.model;

import java.util.List;
import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/**
 * Causal grouped-query attention with QK-norm and RoPE, and a {@link Passage} at each of the paper's five positions:
 *
 * <pre>
 * q, k, v = query(X Wq^T), key(X Wk^T), value(X Wv^T)                      G4, G3, G2
 * O       = sdpa_output(attention(rope(norm(q)), rope(norm(k)), v))        G1
 * branch  = dense_output(O Wo^T)                                           G5
 * </pre>
 *
 * <p>Which tokens the attention is among is the affair of its {@link AttentionCore}.
 *
 * <p>The projections write into tensors of their own: a product into or from a strided column view costs a GEMM half its speed.
 */
final class AttentionLayer {
    private final Backend backend;
    private final DecoderConfig config;
    private final Projections weights;
    private final Passages passages;
    private final List<Passage> passagesInOrder;
    private final BranchEnd end;
    private final RotaryTables rotary;
    private final AttentionCore core;
    private final Activations activations;
    private final Optional<Gradients> gradients;

    /** The weights of one layer but for those of its passages. */
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

    /** What stands at each position; {@code dense} leads into the end of the branch. */
    record Passages(Passage query, Passage key, Passage value, Passage output, Passage dense) {
        /** All, in the order of {@link GatePosition}. */
        List<Passage> inOrder() {
            return List.of(output, value, key, query, dense);
        }
    }

    /**
     * What the backward needs beside the values in the passages.
     *
     * @param queryInverseRms {@code [B, T, H]}
     * @param keyInverseRms {@code [B, T, K]}
     * @param rotatedQuery {@code [B, T, H, E]}
     * @param rotatedKey {@code [B, T, K, E]}
     */
    record Activations(Tensor queryInverseRms, Tensor keyInverseRms, Tensor rotatedQuery, Tensor rotatedKey) {
        static Activations allocate(Allocator allocator, DecoderConfig config) {
            BatchShape batch = allocator.batch();
            int heads = config.heads();
            int kvHeads = config.kvHeads();
            int headDim = config.headDim();
            return new Activations(
                    allocator.allocate("query_inverse_rms", batch.perTokenAndHead(heads)),
                    allocator.allocate("key_inverse_rms", batch.perTokenAndHead(kvHeads)),
                    allocator.allocate("rotated_query", batch.headsOf(heads, headDim)),
                    allocator.allocate("rotated_key", batch.headsOf(kvHeads, headDim)));
        }
    }

    /**
     * The gradients on the way back, shared between layers.
     *
     * @param output {@code [B, T, H, E]}
     * @param query {@code [B, T, H, E]}
     * @param key {@code [B, T, K, E]}
     * @param value {@code [B, T, K, E]}
     */
    record Gradients(HeadTensor output, HeadTensor query, HeadTensor key, HeadTensor value) {
        static Gradients allocate(Allocator allocator, DecoderConfig config) {
            return new Gradients(
                    allocator.heads("output", config.heads(), config.headDim()),
                    allocator.heads("query", config.heads(), config.headDim()),
                    allocator.heads("key", config.kvHeads(), config.headDim()),
                    allocator.heads("value", config.kvHeads(), config.headDim()));
        }
    }

    AttentionLayer(
            Backend backend,
            DecoderConfig config,
            Projections weights,
            Passages passages,
            BranchEnd end,
            RotaryTables rotary,
            AttentionCore core,
            Activations activations,
            Optional<Gradients> gradients) {
        this.backend = backend;
        this.config = config;
        this.weights = weights;
        this.passages = passages;
        this.passagesInOrder = passages.inOrder();
        this.end = end;
        this.rotary = rotary;
        this.core = core;
        this.activations = activations;
        this.gradients = gradients;
    }

    /**
     * Writes to the branch that it was made with.
     *
     * @param input the normalised stream {@code [N, D]}
     */
    void forward(Tensor input) {
        Activations a = activations;
        project(weights.query(), input, passages.query(), input);
        project(weights.key(), input, passages.key(), input);
        project(weights.value(), input, passages.value(), input);
        rotate(passages.query().after(), weights.queryNorm(), a.rotatedQuery(), a.queryInverseRms());
        rotate(passages.key().after(), weights.keyNorm(), a.rotatedKey(), a.keyInverseRms());
        core.forward(
                a.rotatedQuery(),
                a.rotatedKey(),
                passages.value().after().byHead(),
                passages.output().before().byHead());
        passages.output().forward(input);
        project(weights.output(), passages.output().after().rows(), passages.dense(), input);
        end.forward();
    }

    /** Projects {@code x} into a passage and goes through it. */
    private void project(Weight weight, Tensor x, Passage passage, Tensor input) {
        weight.project(backend.linearAlgebra(), x, passage.before().rows());
        passage.forward(input);
    }

    /**
     * Can be done once after each forward, since it overwrites what the forward kept.
     *
     * @param branchGradient {@code [N, D]}, left as it is
     * @param input as in the forward
     * @param inputGradient {@code [N, D]}, overwritten
     */
    void backward(HeadTensor branchGradient, Tensor input, Tensor inputGradient) {
        Activations a = activations;
        Gradients g = gradients.orElseThrow();
        HeadTensor denseGradient = passages.dense().backward(end.backward(branchGradient));
        weights.output()
                .projectBackward(
                        backend.linearAlgebra(),
                        denseGradient.rows(),
                        passages.output().after().rows(),
                        g.output().rows(),
                        false);
        HeadTensor output = passages.output().backward(g.output());
        core.backward(
                output.byHead(),
                new AttentionCore.Values(
                        a.rotatedQuery(),
                        a.rotatedKey(),
                        passages.value().after().byHead(),
                        passages.output().before().byHead()),
                new AttentionCore.Gradients(
                        g.query().byHead(), g.key().byHead(), g.value().byHead()));
        rotateBack(g.query(), passages.query().after(), weights.queryNorm(), a.queryInverseRms());
        rotateBack(g.key(), passages.key().after(), weights.keyNorm(), a.keyInverseRms());
        projectBackward(weights.query(), passages.query(), g.query(), input, inputGradient, false);
        projectBackward(weights.key(), passages.key(), g.key(), input, inputGradient, true);
        projectBackward(weights.value(), passages.value(), g.value(), input, inputGradient, true);
        for (Passage passage : passagesInOrder) {
            passage.backwardInput(input, inputGradient);
        }
    }

    private void projectBackward(
            Weight weight,
            Passage passage,
            HeadTensor gradientAfter,
            Tensor input,
            Tensor inputGradient,
            boolean accumulate) {
        HeadTensor gradient = passage.backward(gradientAfter);
        weight.projectBackward(backend.linearAlgebra(), gradient.rows(), input, inputGradient, accumulate);
    }

    /** Shows an observer the last forward. */
    void observe(int layer, ForwardObserver observer) {
        core.observe(layer, activations.rotatedQuery(), activations.rotatedKey(), observer);
        for (Passage passage : passagesInOrder) {
            passage.observe(layer, observer);
        }
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
