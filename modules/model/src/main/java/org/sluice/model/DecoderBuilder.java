package org.sluice.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.sluice.tensor.Backend;
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
    private final RotaryTables rotary;
    private final Tensor firstVisible;

    private final Optional<ResidualNorm.Activations> sharedNorm;
    private final Optional<AttentionLayer.Activations> sharedAttention;
    private final Optional<FeedForwardLayer.Activations> sharedFeedForward;
    private final Optional<Tensor> sharedGateLogits;
    private final Optional<AttentionLayer.Gradients> attentionGradients;
    private final Optional<OutputGate.LogitsGradient> gateGradient;
    private final Optional<Tensor> feedForwardGradient;

    DecoderBuilder(
            Backend backend,
            DecoderConfig config,
            Allocator allocator,
            Weights weights,
            DecoderMode mode,
            Tensor firstVisible) {
        this.backend = backend;
        this.config = config;
        this.allocator = allocator;
        this.weights = weights;
        this.firstVisible = firstVisible;
        this.rotary = RotaryTables.allocate(allocator, config, backend);

        boolean gated = config.gate().isPresent();
        Allocator shared = allocator.under("layers");
        boolean sharing = mode == DecoderMode.EVALUATION;
        this.sharedNorm = when(sharing, () -> ResidualNorm.Activations.allocate(shared.under("norm"), config));
        this.sharedAttention =
                when(sharing, () -> AttentionLayer.Activations.allocate(shared.under("attention"), config));
        this.sharedFeedForward =
                when(sharing, () -> FeedForwardLayer.Activations.allocate(shared.under("feed_forward"), config));
        this.sharedGateLogits = when(
                sharing && gated, () -> OutputGate.allocateLogits(shared.under("attention"), config, "gate_logits"));

        Allocator gradients = allocator.under("gradients");
        this.attentionGradients =
                when(!sharing, () -> AttentionLayer.Gradients.allocate(gradients.under("attention"), config));
        this.gateGradient =
                when(!sharing && gated, () -> OutputGate.LogitsGradient.allocate(gradients.under("attention"), config));
        this.feedForwardGradient =
                when(!sharing, () -> gradients.under("feed_forward").rows("activated", config.ffn()));
    }

    List<DecoderBlock> blocks() {
        List<DecoderBlock> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.layers(); layer++) {
            blocks.add(block(new ParameterNames(layer), allocator.under("layers." + layer)));
        }
        return blocks;
    }

    ResidualNorm finalNorm() {
        return norm(ParameterNames.FINAL_NORM, allocator.under("final_norm"));
    }

    private DecoderBlock block(ParameterNames names, Allocator own) {
        return new DecoderBlock(
                norm(names.attentionNorm(), own.under("attention_norm")),
                attention(names, own.under("attention")),
                norm(names.feedForwardNorm(), own.under("feed_forward_norm")),
                new FeedForwardLayer(
                        backend,
                        FeedForwardLayer.Projections.of(weights, names),
                        sharedFeedForward.orElseGet(
                                () -> FeedForwardLayer.Activations.allocate(own.under("feed_forward"), config)),
                        feedForwardGradient));
    }

    private ResidualNorm norm(String name, Allocator own) {
        return new ResidualNorm(
                backend,
                config.normEpsilon(),
                weights.named(name),
                sharedNorm.orElseGet(() -> ResidualNorm.Activations.allocate(own, config)));
    }

    private AttentionLayer attention(ParameterNames names, Allocator own) {
        return new AttentionLayer(
                backend,
                config,
                AttentionLayer.Projections.of(weights, names),
                gate(names, own),
                rotary,
                firstVisible,
                sharedAttention.orElseGet(() -> AttentionLayer.Activations.allocate(own, config)),
                attentionGradients);
    }

    private AttentionGate gate(ParameterNames names, Allocator own) {
        return switch (config.gate().position()) {
            case NONE -> new Ungated(backend);
            case SDPA_OUTPUT ->
                new OutputGate(
                        backend,
                        own,
                        weights.named(names.attentionGate()),
                        sharedGateLogits.orElseGet(() -> OutputGate.allocateLogits(own, config, "gate_logits")),
                        gateGradient);
        };
    }

    private static <T> Optional<T> when(boolean wanted, Supplier<T> allocation) {
        return wanted ? Optional.of(allocation.get()) : Optional.empty();
    }
}
