package org.sluice.model;

/**
 * The slow, obvious twin of {@link Decoder}'s forward: plain loops in double precision, one sequence and one head at a time, written from
 * the formulas and sharing no code with it. Activations are {@code [token][value]}.
 */
final class PlainDecoder {
    private final DecoderConfig config;
    private final PlainWeights weights;

    /**
     * What a pass gives.
     *
     * @param loss the sum of the losses over targets
     * @param squares the sum over targets of the squared log-sum-exp of the logits
     */
    record Pass(double loss, double squares, PlainRouting routing, PlainDecisions decisions) {

        /** What gradients are taken of. */
        double objective(PassObjective objective) {
            return objective.gradientScale() * (loss + objective.zLossWeight() * squares)
                    + routing.objective(objective.router());
        }
    }

    /** @param parameters the flat space; changes to it show in the next call */
    PlainDecoder(DecoderConfig config, double[] parameters) {
        this.config = config;
        this.weights = new PlainWeights(ParameterLayout.of(config), parameters, config.normEpsilon());
    }

    Pass pass(TokenBatch batch) {
        PlainRouting routing = new PlainRouting(config);
        PlainDecisions decisions = new PlainDecisions();
        String classifier = config.tiedEmbedding() ? "model.embed_tokens.weight" : "lm_head.weight";
        double loss = 0;
        double squares = 0;
        for (int index = 0; index < batch.sequences(); index++) {
            PlainSequence sequence = new PlainSequence(batch, index * batch.length());
            double[][] hidden = hidden(sequence, decisions, routing);
            for (int t = 0; t < batch.length(); t++) {
                if (sequence.hasTarget(t)) {
                    double[] logits = weights.product(classifier, 0, config.vocabulary(), hidden[t]);
                    double logSumExp = PlainWeights.logSumExp(logits, 0);
                    loss += logSumExp - logits[sequence.target(t)];
                    squares += logSumExp * logSumExp;
                }
            }
        }
        return new Pass(loss, squares, routing, decisions);
    }

    private double[][] hidden(PlainSequence sequence, PlainDecisions decisions, PlainRouting routing) {
        PlainAttention attention = new PlainAttention(config, weights, decisions);
        PlainFeedForward feedForward = new PlainFeedForward(config, weights, decisions, routing);
        double[][] stream = new double[sequence.length()][config.hidden()];
        double[] table = weights.named("model.embed_tokens.weight");
        for (int t = 0; t < sequence.length(); t++) {
            System.arraycopy(table, sequence.token(t) * config.hidden(), stream[t], 0, config.hidden());
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            String prefix = "model.layers." + layer + ".";
            double[][] input = weights.normalised(stream, prefix + "input_layernorm.weight");
            add(attention.branch(prefix + "self_attn.", input, sequence), prefix + "self_attn.", stream, decisions);
            input = weights.normalised(stream, prefix + "post_attention_layernorm.weight");
            add(feedForward.branch(layer, prefix + "mlp.", input, sequence), prefix + "mlp.", stream, decisions);
        }
        return weights.normalised(stream, "model.norm.weight");
    }

    private void add(double[][] branch, String prefix, double[][] stream, PlainDecisions decisions) {
        double[][] added = config.sandwichNorm() ? weights.normalised(branch, prefix + "sandwich_norm.weight") : branch;
        for (int t = 0; t < stream.length; t++) {
            for (int i = 0; i < stream[t].length; i++) {
                stream[t][i] += added[t][i];
                if (config.residualClip() > 0) {
                    stream[t][i] = decisions.clipped(stream[t][i], config.residualClip());
                }
            }
        }
    }
}
