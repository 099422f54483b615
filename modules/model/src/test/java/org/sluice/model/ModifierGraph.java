package org.sluice.model;

import java.util.Arrays;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;

/** What stands at the positions of attention, as operations of a graph on {@code [N, heads, E]}. */
record ModifierGraph(LayerGraph graph, DecoderConfig config) {

    /**
     * Values behind a position.
     *
     * @param x the values before it, of any shape
     * @param heads the heads behind it
     * @param headDim the values of one head
     * @return {@code [N, heads, headDim]}
     */
    SDVariable pass(GatePosition position, SDVariable x, int heads, int headDim) {
        AttentionModifier modifier = config.modifierAt(position).orElse(null);
        if (modifier instanceof SwitchHeads switched) {
            return switched(switched, x, heads, headDim);
        }
        SDVariable byHead = x.reshape(graph.layer.rows(), heads, headDim);
        if (modifier instanceof GateConfig gate) {
            return gated(gate, byHead, heads, headDim);
        }
        return modifier == null ? byHead : graph.normalised(byHead, 3, "self_attn.sdpa_norm");
    }

    private SDVariable gated(GateConfig gate, SDVariable x, int heads, int headDim) {
        int perHead = gate.granularity() == GateGranularity.HEADWISE ? 1 : headDim;
        String name = "self_attn."
                + switch (gate.position()) {
                    case SDPA_OUTPUT -> "gate_proj";
                    case VALUE -> "value_gate_proj";
                    case KEY -> "key_gate_proj";
                    case QUERY -> "query_gate_proj";
                    case DENSE_OUTPUT -> "dense_gate_proj";
                };
        SDVariable logits =
                switch (gate.source()) {
                    case HIDDEN -> graph.project(graph.input, name).reshape(graph.layer.rows(), heads, perHead);
                    case LEARNED -> graph.weight(name).reshape(1, heads, perHead);
                    case SELF -> x;
                };
        SDVariable scores = scores(gate.activation(), logits);
        SDVariable shared = gate.headShared() ? scores.mean(true, 1) : scores;
        return gate.combine() == GateCombine.ADDITIVE ? x.add(shared) : x.mul(shared);
    }

    private SDVariable scores(GateActivation activation, SDVariable logits) {
        SDVariable sigmoid = graph.sameDiff.nn.sigmoid(logits);
        return switch (activation) {
            case SIGMOID -> sigmoid;
            case SILU -> sigmoid.mul(logits);
            case IDENTITY -> logits;
            case NS_SIGMOID -> sigmoid.mul(0.5).add(0.5);
            case DOUBLE_SIGMOID -> sigmoid.mul(2);
        };
    }

    /** The choice is a constant; the sum over experts is a sum over a dimension. */
    private SDVariable switched(SwitchHeads switched, SDVariable x, int heads, int headDim) {
        String name = switched.position() == GatePosition.KEY ? "self_attn.key_switch" : "self_attn.value_switch";
        int rows = graph.layer.rows();
        int experts = switched.experts();
        SDVariable logits = graph.project(graph.input, name).reshape((long) rows * heads, experts);
        SDVariable chosen = graph.sameDiff.constant(name + "_chosen", largest(logits.eval(), switched.chosen()));
        SDVariable scores = graph.sameDiff.nn.sigmoid(logits).mul(chosen).reshape(rows, heads, experts, 1);
        return x.reshape(rows, heads, experts, headDim).mul(scores).sum(2);
    }

    /** Of each row of scores, 1 at the largest ones and 0 at the others. */
    static INDArray largest(INDArray scores, int chosen) {
        INDArray mask = Nd4j.zeros(DataType.DOUBLE, scores.rows(), scores.columns());
        for (int row = 0; row < scores.rows(); row++) {
            double[] descending = scores.getRow(row).toDoubleVector();
            Arrays.sort(descending);
            double least = descending[descending.length - chosen];
            for (int column = 0; column < scores.columns(); column++) {
                mask.putScalar(row, column, scores.getDouble(row, column) >= least ? 1 : 0);
            }
        }
        return mask;
    }
}
