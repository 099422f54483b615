package org.sluice.dl4j;

import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.model.AttentionModifier;
import org.sluice.model.GateConfig;
import org.sluice.model.GateGranularity;
import org.sluice.model.GatePosition;
import org.sluice.model.SwitchHeads;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;

/**
 * What stands at the positions of attention, as a graph.
 *
 * @param parameters by {@link LayerParameter#key}
 * @param input the hidden state {@code [N, D]}
 */
record PositionGraph(
        SameDiff sameDiff, AttentionSettings settings, Map<String, SDVariable> parameters, SDVariable input) {

    /** {@code x W^T}, with a weight {@code [out, in]} named as in a decoder's layer. */
    SDVariable project(SDVariable x, String part) {
        return sameDiff.mmul(x, parameter(part), false, true, false);
    }

    /** RMSNorm over {@code E} of {@code [N, heads, E]}. */
    SDVariable normed(SDVariable x, String part) {
        SDVariable rms = sameDiff.math.sqrt(x.mul(x).mean(true, 2).add(settings.normEpsilon()));
        return x.div(rms).mul(parameter(part).reshape(1, 1, -1));
    }

    /**
     * Values behind a position.
     *
     * @param x the values before it, {@code N} first
     * @param heads the heads behind it
     * @param headDim the values of one head
     * @return {@code [N, heads, headDim]}
     */
    SDVariable pass(GatePosition position, SDVariable x, int heads, int headDim) {
        AttentionModifier modifier = settings.modifiers().stream()
                .filter(standing -> standing.position() == position)
                .findFirst()
                .orElse(null);
        if (modifier instanceof SwitchHeads switched) {
            return switched(switched, x, heads, headDim);
        }
        SDVariable byHead = x.reshape(-1, heads, headDim);
        if (modifier instanceof GateConfig gate) {
            return gated(gate, byHead, heads, headDim);
        }
        return modifier == null ? byHead : normed(byHead, "sdpa_norm");
    }

    private SDVariable gated(GateConfig gate, SDVariable x, int heads, int headDim) {
        int perHead = gate.granularity() == GateGranularity.HEADWISE ? 1 : headDim;
        String part =
                switch (gate.position()) {
                    case SDPA_OUTPUT -> "gate_proj";
                    case VALUE -> "value_gate_proj";
                    case KEY -> "key_gate_proj";
                    case QUERY -> "query_gate_proj";
                    case DENSE_OUTPUT -> "dense_gate_proj";
                };
        SDVariable logits =
                switch (gate.source()) {
                    case HIDDEN -> project(input, part).reshape(-1, heads, perHead);
                    case LEARNED -> parameter(part).reshape(1, heads, perHead);
                    case SELF -> x;
                };
        SDVariable scores = scores(gate.activation(), logits);
        SDVariable shared = gate.headShared() ? scores.mean(true, 1) : scores;
        return gate.combine() == GateCombine.ADDITIVE ? x.add(shared) : x.mul(shared);
    }

    private SDVariable scores(GateActivation activation, SDVariable logits) {
        SDVariable sigmoid = sameDiff.nn.sigmoid(logits);
        return switch (activation) {
            case SIGMOID -> sigmoid;
            case SILU -> sigmoid.mul(logits);
            case IDENTITY -> logits;
            case NS_SIGMOID -> sigmoid.mul(0.5).add(0.5);
            case DOUBLE_SIGMOID -> sigmoid.mul(2);
        };
    }

    /** @param x the experts of each head side by side {@code [N, heads * X * headDim]} */
    private SDVariable switched(SwitchHeads switched, SDVariable x, int heads, int headDim) {
        int experts = switched.experts();
        String part = switched.position() == GatePosition.KEY ? "key_switch" : "value_switch";
        SDVariable logits = project(input, part).reshape(-1, heads, experts);
        SDVariable scores = sameDiff.nn.sigmoid(logits).mul(chosen(logits, switched));
        return x.reshape(-1, heads, experts, headDim)
                .mul(scores.reshape(-1, heads, experts, 1))
                .sum(2);
    }

    /**
     * 1 for the experts that a token takes and 0 for the others: those are taken before which fewer than {@code chosen} come, and before an
     * expert comes every one with a larger logit, and of equal ones the first.
     *
     * @param logits {@code [N, heads, X]}
     */
    private SDVariable chosen(SDVariable logits, SwitchHeads switched) {
        DataType type = logits.dataType();
        int experts = switched.experts();
        SDVariable other = logits.reshape(-1, settings.kvHeads(), 1, experts);
        SDVariable expert = logits.reshape(-1, settings.kvHeads(), experts, 1);
        SDVariable before =
                sameDiff.constant(Nd4j.tri(experts, experts, -1).castTo(type).reshape(1, 1, experts, experts));
        SDVariable larger = sameDiff.gt(other, expert).castTo(type);
        SDVariable equal = sameDiff.eq(other, expert).castTo(type).mul(before);
        return larger.add(equal).sum(3).lt(switched.chosen()).castTo(type);
    }

    private SDVariable parameter(String part) {
        return parameters.get(LayerParameter.key(part));
    }
}
