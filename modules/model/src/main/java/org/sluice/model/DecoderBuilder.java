package org.sluice.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Shape;
import org.sluice.tensor.Tensor;

/**
 * Builds a decoder's layers on its memory: in training each layer has activations of its own, in evaluation all share one set; gradients
 * on the way back are shared always.
 */
final class DecoderBuilder {
    private final Backend backend;
    private final DecoderConfig config;
    private final Allocator allocator;
    private final Weights weights;
    private final DecoderInput input;
    private final AttentionCore.Factory cores;
    private final HeadTensor branch;
    private final Allocator sharedLayers;
    private final Allocator shared;
    private final Optional<Allocator> gradients;
    private final boolean training;
    private final PassageBuilder passageBuilder;

    DecoderBuilder(
            Backend backend,
            DecoderConfig config,
            Allocator allocator,
            Weights weights,
            DecoderMode mode,
            DecoderInput input,
            AttentionCore.Factory cores) {
        this.backend = backend;
        this.config = config;
        this.allocator = allocator;
        this.weights = weights;
        this.input = input;
        this.training = mode == DecoderMode.TRAINING;
        this.cores = cores;
        this.branch = allocator.asOneHead(allocator.rows("branch", config.hidden()));
        this.sharedLayers = allocator.under("layers").sharing();
        this.shared = allocator.under("shared").sharing();
        this.gradients = training ? Optional.of(allocator.under("gradients").sharing()) : Optional.empty();
        this.passageBuilder =
                new PassageBuilder(backend, config, weights, gradients.map(all -> all.under("passages")), shared);
    }

    /** The whole way from tokens to the classifier. */
    LayerStack stack() {
        return new LayerStack(backend, weights.named(ParameterNames.EMBEDDING), input.tokens(), blocks(), finalNorm());
    }

    List<DecoderBlock> blocks() {
        List<DecoderBlock> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(block(layer, training ? allocator.under("layers." + layer) : sharedLayers));
        }
        return blocks;
    }

    private ResidualNorm finalNorm() {
        return norm(
                ParameterNames.FINAL_NORM, training ? allocator : sharedLayers, "final_norm", config.residualClip());
    }

    private DecoderBlock block(int layer, Allocator own) {
        ParameterNames names = new ParameterNames(layer);
        double clipBefore = layer == 0 ? 0 : config.residualClip();
        return new DecoderBlock(
                norm(names.attentionNorm(), own, "attention_norm", clipBefore),
                attention(layer, names, own.under("attention")),
                norm(names.feedForwardNorm(), own, "feed_forward_norm", config.residualClip()),
                feedForward(layer, names, own.under("feed_forward")),
                branch.rows());
    }

    /** All norms take turns with one memory in evaluation, as nothing is read behind the next norm. */
    private ResidualNorm norm(String parameter, Allocator own, String name, double clip) {
        return new ResidualNorm(
                backend,
                config.normEpsilon(),
                clip,
                weights.named(parameter),
                ResidualNorm.Activations.allocate(own.under(training ? name : "norm"), config));
    }

    private AttentionLayer attention(int layer, ParameterNames names, Allocator own) {
        Optional<Allocator> backward = gradients.map(all -> all.under("attention"));
        BranchEnd end = branchEnd(names.attentionSandwichNorm(), own);
        return new AttentionLayer(
                backend,
                config,
                AttentionLayer.Projections.of(weights, names),
                passageBuilder.passages(names, own, end.output()),
                end,
                cores.rotary(),
                cores.core(layer, own, backward),
                AttentionLayer.Activations.allocate(own, config),
                backward.map(memory -> AttentionLayer.Gradients.allocate(memory, config)));
    }

    private FeedForward feedForward(int layer, ParameterNames names, Allocator own) {
        BranchEnd end = branchEnd(names.feedForwardSandwichNorm(), own);
        Optional<Allocator> backward = gradients.map(all -> all.under("feed_forward"));
        if (!config.mixture().isPresent()) {
            return new FeedForwardLayer(
                    backend,
                    FeedForwardLayer.Projections.of(weights, names),
                    FeedForwardLayer.Activations.allocate(own, config),
                    end,
                    backward.map(memory -> memory.rows("activated", config.ffn())));
        }
        Router router = new Router(
                layer,
                backend,
                config.mixture(),
                weights.named(names.router()),
                input.routed().orElseThrow(),
                Router.Activations.allocate(own, shared, config.mixture()),
                backward.map(memory -> Router.Gradients.allocate(memory, config.mixture())));
        return new MixtureLayer(
                backend,
                router,
                MixtureLayer.Projections.of(weights, names),
                MixtureLayer.Activations.allocate(own, config),
                end,
                backward.map(memory -> MixtureLayer.Gradients.allocate(memory, config)));
    }

    private BranchEnd branchEnd(String sandwichNorm, Allocator own) {
        if (!config.sandwichNorm()) {
            return new BranchEnd.Plain(branch);
        }
        Tensor inverseRms =
                own.allocate("sandwich.inverse_rms", Shape.of(own.batch().rows()));
        return new BranchEnd.SandwichNorm(
                backend,
                config.normEpsilon(),
                weights.named(sandwichNorm),
                own.asOneHead(own.rows("sandwich.output", config.hidden())),
                inverseRms,
                branch,
                gradients.map(all -> all.asOneHead(all.rows("sandwich", config.hidden()))));
    }
}
