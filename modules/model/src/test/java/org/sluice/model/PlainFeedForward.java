package org.sluice.model;

import static org.sluice.model.PlainWeights.sigmoid;

/** SwiGLU, or a mixture of such experts: one token and one expert at a time. */
final class PlainFeedForward {
    private final DecoderConfig config;
    private final PlainWeights weights;
    private final PlainDecisions decisions;
    private final PlainRouting routing;

    PlainFeedForward(DecoderConfig config, PlainWeights weights, PlainDecisions decisions, PlainRouting routing) {
        this.config = config;
        this.weights = weights;
        this.decisions = decisions;
        this.routing = routing;
    }

    /** @param prefix of the layer's parameters */
    double[][] branch(int layer, String prefix, double[][] input, PlainSequence sequence) {
        double[][] out = new double[input.length][config.hidden()];
        for (int t = 0; t < input.length; t++) {
            if (!config.mixture().isPresent()) {
                out[t] = swiGlu(prefix, 0, input[t]);
            } else if (sequence.isRouted(t)) {
                out[t] = mixture(layer, prefix, input[t]);
            }
        }
        return out;
    }

    private double[] mixture(int layer, String prefix, double[] x) {
        int experts = config.mixture().experts();
        double[] logits = weights.product(prefix + "gate.weight", 0, experts, x);
        double logSumExp = PlainWeights.logSumExp(logits, 0);
        double[] probabilities = new double[experts];
        for (int expert = 0; expert < experts; expert++) {
            probabilities[expert] = Math.exp(logits[expert] - logSumExp);
        }
        int[] chosen = decisions.largest(probabilities, config.mixture().chosen());
        routing.add(layer, probabilities, logSumExp, chosen);
        double whole = 0;
        for (int expert : chosen) {
            whole += probabilities[expert];
        }
        double[] out = new double[config.hidden()];
        for (int expert : chosen) {
            double[] ofExpert = swiGlu(prefix + "experts.", expert, x);
            double weight = probabilities[expert] / (config.mixture().normalised() ? whole : 1);
            for (int i = 0; i < out.length; i++) {
                out[i] += weight * ofExpert[i];
            }
        }
        return out;
    }

    private double[] swiGlu(String prefix, int expert, double[] x) {
        int ffn = config.ffn();
        double[] gate = weights.product(prefix + "gate_proj.weight", expert * ffn, ffn, x);
        double[] up = weights.product(prefix + "up_proj.weight", expert * ffn, ffn, x);
        for (int i = 0; i < ffn; i++) {
            up[i] *= gate[i] * sigmoid(gate[i]);
        }
        return weights.product(prefix + "down_proj.weight", expert * config.hidden(), config.hidden(), up);
    }
}
