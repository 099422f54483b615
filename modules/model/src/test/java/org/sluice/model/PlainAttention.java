package org.sluice.model;

import java.util.Arrays;

/** Causal grouped-query attention with all that may stand at its positions, one head and one query at a time. */
final class PlainAttention {
    private final DecoderConfig config;
    private final PlainWeights weights;
    private final PlainModifiers modifiers;
    private final PlainRope rope;

    PlainAttention(DecoderConfig config, PlainWeights weights, PlainDecisions decisions) {
        this.config = config;
        this.weights = weights;
        this.modifiers = new PlainModifiers(config, weights, decisions);
        this.rope = new PlainRope(config.rope(), config.headDim());
    }

    /** @param prefix of the layer's parameters */
    double[][] branch(String prefix, double[][] input, PlainSequence sequence) {
        int heads = config.heads();
        int kvHeads = config.kvHeads();
        double[][] query = weights.project(input, prefix + "q_proj.weight");
        double[][] key = weights.project(input, prefix + "k_proj.weight");
        double[][] value = weights.project(input, prefix + "v_proj.weight");
        query = modifiers.pass(GatePosition.QUERY, prefix, query, heads, input);
        key = modifiers.pass(GatePosition.KEY, prefix, key, kvHeads, input);
        value = modifiers.pass(GatePosition.VALUE, prefix, value, kvHeads, input);
        query = weights.normalisedHeads(query, heads, prefix + "q_norm.weight");
        key = weights.normalisedHeads(key, kvHeads, prefix + "k_norm.weight");
        double[][] output = new double[input.length][heads * config.headDim()];
        for (int head = 0; head < heads; head++) {
            int kvHead = head / (heads / kvHeads);
            attend(sequence, turned(query, head), turned(key, kvHead), one(value, kvHead), output, head);
        }
        output = modifiers.pass(GatePosition.SDPA_OUTPUT, prefix, output, heads, input);
        double[][] branch = weights.project(output, prefix + "o_proj.weight");
        return modifiers.pass(GatePosition.DENSE_OUTPUT, prefix, branch, 1, input);
    }

    private void attend(
            PlainSequence sequence, double[][] query, double[][] key, double[][] value, double[][] output, int head) {
        int headDim = config.headDim();
        for (int t = 0; t < query.length; t++) {
            int start = sequence.firstVisible(t);
            double[] scores = new double[t + 1];
            for (int j = start; j <= t; j++) {
                for (int e = 0; e < headDim; e++) {
                    scores[j] += query[t][e] * key[j][e] / Math.sqrt(headDim);
                }
            }
            double logSumExp = PlainWeights.logSumExp(scores, start);
            for (int j = start; j <= t; j++) {
                for (int e = 0; e < headDim; e++) {
                    output[t][head * headDim + e] += Math.exp(scores[j] - logSumExp) * value[j][e];
                }
            }
        }
    }

    private double[][] turned(double[][] heads, int head) {
        double[][] out = one(heads, head);
        for (int t = 0; t < out.length; t++) {
            out[t] = rope.turned(out[t], t);
        }
        return out;
    }

    /** One head of every token. */
    private double[][] one(double[][] heads, int head) {
        double[][] one = new double[heads.length][];
        for (int t = 0; t < heads.length; t++) {
            one[t] = Arrays.copyOfRange(heads[t], head * config.headDim(), (head + 1) * config.headDim());
        }
        return one;
    }
}
