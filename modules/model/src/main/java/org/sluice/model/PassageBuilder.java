package org.sluice.model;

import java.util.Optional;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Tensor;

/**
 * Builds what stands at the positions of the attention layers: the one place that tells the kinds of modifiers apart.
 *
 * @param gradients memory that layers share on the way back; empty in evaluation
 * @param always memory that layers share and never overwrite
 */
record PassageBuilder(
        Backend backend, DecoderConfig config, Weights weights, Optional<Allocator> gradients, Allocator always) {

    AttentionLayer.Passages passages(ParameterNames names, Allocator own, HeadTensor branchOutput) {
        return new AttentionLayer.Passages(
                inside(GatePosition.QUERY, names, own),
                inside(GatePosition.KEY, names, own),
                inside(GatePosition.VALUE, names, own),
                inside(GatePosition.SDPA_OUTPUT, names, own),
                config.modifierAt(GatePosition.DENSE_OUTPUT)
                        .map(modifier -> denseGate((GateConfig) modifier, names, own, branchOutput))
                        .orElseGet(() -> new OpenPassage(branchOutput)));
    }

    private Passage inside(GatePosition position, ParameterNames names, Allocator own) {
        int heads = ParameterCounts.headsAt(config, position);
        HeadTensor after = own.heads(position.id(), heads, config.headDim());
        AttentionModifier modifier = config.modifierAt(position).orElse(null);
        if (modifier == null) {
            return new OpenPassage(after);
        }
        Allocator under = own.under(position.id());
        if (modifier instanceof SwitchHeads switched) {
            return switchedHeads(switched, names, under, after);
        }
        HeadTensor before = under.heads("before", heads, config.headDim());
        return modifier instanceof GateConfig gate
                ? gate(gate, names, under, before, after, Optional.empty())
                : normedHeads(names, under, before, after);
    }

    private Passage denseGate(GateConfig gate, ParameterNames names, Allocator own, HeadTensor after) {
        Allocator under = own.under(gate.position().id());
        HeadTensor before = under.heads("before", 1, config.hidden());
        // The gradient that comes in is that of the residual stream, which flows on past the branch.
        Optional<HeadTensor> gradient = gradients.map(shared -> shared.heads("dense_output", 1, config.hidden()));
        return gate(gate, names, under, before, after, gradient);
    }

    private Passage gate(
            GateConfig gate,
            ParameterNames names,
            Allocator own,
            HeadTensor before,
            HeadTensor after,
            Optional<HeadTensor> gradientBefore) {
        int heads = ParameterCounts.headsAt(config, gate.position());
        int scores = ParameterCounts.scores(config, gate);
        HeadTensor logits = gate.granularity() == GateGranularity.HEADWISE
                ? own.numberPerHead("logits", heads)
                : own.heads("logits", heads, scores / heads);
        return new Gate(backend, gate, before, after, logits, source(gate, names, logits.rows()), gradientBefore);
    }

    private LogitsSource source(GateConfig gate, ParameterNames names, Tensor logits) {
        return switch (gate.source()) {
            case HIDDEN -> new LogitsSource.OfHidden(backend, weights.named(names.gate(gate.position())), logits);
            case LEARNED ->
                new LogitsSource.Learned(backend, weights.named(names.gate(gate.position())), ones(), logits);
            case SELF -> new LogitsSource.OfGated(backend, logits);
        };
    }

    private Tensor ones() {
        Tensor ones = always.rows("ones", 1);
        backend.memory().fill(ones, 1);
        return ones;
    }

    private Passage normedHeads(ParameterNames names, Allocator own, HeadTensor before, HeadTensor after) {
        return new NormedHeads(
                backend,
                config.normEpsilon(),
                weights.named(names.headNorm()),
                before,
                after,
                own.allocate("inverse_rms", own.batch().perTokenAndHead(config.heads())),
                gradients.map(shared -> shared.heads("normed_heads", config.heads(), config.headDim())));
    }

    private Passage switchedHeads(SwitchHeads switched, ParameterNames names, Allocator own, HeadTensor after) {
        int experts = Math.multiplyExact(config.kvHeads(), switched.experts());
        String position = switched.position().id();
        return new SwitchedHeads(
                backend,
                switched,
                weights.named(names.switchHeads(switched.position())),
                own.heads("before", experts, config.headDim()),
                after,
                own.numberPerHead("logits", experts),
                gradients.map(shared -> new SwitchedHeads.Gradients(
                        shared.heads(position + "_experts", experts, config.headDim()),
                        shared.numberPerHead(position + "_switch", experts))));
    }
}
