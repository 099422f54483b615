package org.sluice.model;

import static org.sluice.model.PlainWeights.sigmoid;

import java.util.Arrays;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;

/** What stands at the positions of attention: gates, the norm of heads, switch heads. Each by its formula, one value at a time. */
final class PlainModifiers {
    private final DecoderConfig config;
    private final PlainWeights weights;
    private final PlainDecisions decisions;

    PlainModifiers(DecoderConfig config, PlainWeights weights, PlainDecisions decisions) {
        this.config = config;
        this.weights = weights;
        this.decisions = decisions;
    }

    /**
     * Values behind a position.
     *
     * @param prefix of the layer's parameters
     * @param x the values before it
     * @param heads how many heads lie side by side behind it
     * @param input the hidden state
     */
    double[][] pass(GatePosition position, String prefix, double[][] x, int heads, double[][] input) {
        AttentionModifier modifier = config.modifierAt(position).orElse(null);
        if (modifier instanceof GateConfig gate) {
            return gated(gate, prefix + gateName(position), x, heads, input);
        }
        if (modifier instanceof SwitchHeads switched) {
            return switched(switched, prefix + position.id() + "_switch.weight", x, heads, input);
        }
        return modifier == null ? x : weights.normalisedHeads(x, heads, prefix + "sdpa_norm.weight");
    }

    private static String gateName(GatePosition position) {
        return switch (position) {
            case SDPA_OUTPUT -> "gate_proj.weight";
            case VALUE -> "value_gate_proj.weight";
            case KEY -> "key_gate_proj.weight";
            case QUERY -> "query_gate_proj.weight";
            case DENSE_OUTPUT -> "dense_gate_proj.weight";
        };
    }

    private double[][] gated(GateConfig gate, String name, double[][] x, int heads, double[][] input) {
        double[][] logits = logits(gate, name, x, input);
        double[][] out = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            out[t] = gated(gate, x[t], logits[t], heads);
        }
        return out;
    }

    /** The gated values of one token: all heads side by side. */
    static double[] gated(GateConfig gate, double[] x, double[] logits, int heads) {
        double[] out = new double[x.length];
        int headDim = x.length / heads;
        boolean headwise = gate.granularity() == GateGranularity.HEADWISE;
        for (int i = 0; i < x.length; i++) {
            double score = score(gate.activation(), logits[headwise ? i / headDim : i]);
            if (gate.headShared()) {
                score = 0;
                for (int head = 0; head < heads; head++) {
                    score += score(gate.activation(), logits[head * headDim + i % headDim]) / heads;
                }
            }
            out[i] = gate.combine() == GateCombine.ADDITIVE ? x[i] + score : x[i] * score;
        }
        return out;
    }

    private double[][] logits(GateConfig gate, String name, double[][] x, double[][] input) {
        return switch (gate.source()) {
            case HIDDEN -> weights.project(input, name);
            case LEARNED -> {
                double[][] same = new double[x.length][];
                Arrays.fill(same, weights.named(name));
                yield same;
            }
            case SELF -> x;
        };
    }

    private static double score(GateActivation activation, double logit) {
        return switch (activation) {
            case SIGMOID -> sigmoid(logit);
            case SILU -> logit * sigmoid(logit);
            case IDENTITY -> logit;
            case NS_SIGMOID -> 0.5 + 0.5 * sigmoid(logit);
            case DOUBLE_SIGMOID -> 2 * sigmoid(logit);
        };
    }

    private double[][] switched(SwitchHeads switched, String name, double[][] x, int heads, double[][] input) {
        int experts = switched.experts();
        int headDim = x[0].length / (heads * experts);
        double[][] logits = weights.project(input, name);
        double[][] out = new double[x.length][heads * headDim];
        for (int t = 0; t < x.length; t++) {
            for (int head = 0; head < heads; head++) {
                double[] ofHead = Arrays.copyOfRange(logits[t], head * experts, (head + 1) * experts);
                for (int expert : decisions.largest(ofHead, switched.chosen())) {
                    for (int e = 0; e < headDim; e++) {
                        double value = x[t][(head * experts + expert) * headDim + e];
                        out[t][head * headDim + e] += sigmoid(ofHead[expert]) * value;
                    }
                }
            }
        }
        return out;
    }
}
