package org.sluice.evaluation.generation;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws the tokens of one sequence, as {@link SamplingConfig} says. */
final class Sampler {
    private final SamplingConfig config;
    private final SplittableRandom random;

    /** @param random of this sequence alone; a token takes one number of it, unless the sampling is greedy */
    Sampler(SamplingConfig config, SplittableRandom random) {
        this.config = config;
        this.random = random;
    }

    /**
     * Draws the next token.
     *
     * @param logits of several sequences
     * @param offset where those of this sequence begin
     * @param count of them are of tokens that the tokenizer has
     * @throws IllegalStateException if one of them is not a finite number
     */
    int next(double[] logits, int offset, int count) {
        int best = best(logits, offset, count);
        if (config.greedy()) {
            return best;
        }
        double[] weights = new double[count];
        for (int token = 0; token < count; token++) {
            weights[token] = Math.exp((logits[offset + token] - logits[offset + best]) / config.temperature());
        }
        if (config.topK() > 0) {
            keepFirst(weights, new LogitRanking(logits, offset, count), config.topK(), Double.POSITIVE_INFINITY);
        }
        if (config.topP() < 1) {
            double mass = config.topP() * Arrays.stream(weights).sum();
            keepFirst(weights, new LogitRanking(logits, offset, count), count, mass);
        }
        return draw(weights);
    }

    /** The first token in the ranking. */
    private static int best(double[] logits, int offset, int count) {
        int best = 0;
        for (int token = 0; token < count; token++) {
            double logit = logits[offset + token];
            if (!Double.isFinite(logit)) {
                throw new IllegalStateException("the model gives the logit " + logit + " for token " + token
                        + ": its parameters are damaged, or its training has diverged");
            }
            best = logit > logits[offset + best] ? token : best;
        }
        return best;
    }

    /** Sets the weights to 0 of all but the first tokens: so many, or fewer if their weights add up to the mass before. */
    private static void keepFirst(double[] weights, LogitRanking ranking, int most, double mass) {
        double[] all = weights.clone();
        Arrays.fill(weights, 0);
        double sum = 0;
        for (int kept = 0; kept < most && sum < mass && !ranking.isEmpty(); kept++) {
            int token = ranking.next();
            weights[token] = all[token];
            sum += all[token];
        }
    }

    /** Draws in proportion to weights, of which one at least is above 0. */
    private int draw(double[] weights) {
        double total = 0;
        for (double weight : weights) {
            total += weight;
        }
        double point = random.nextDouble() * total;
        double sum = 0;
        int drawn = -1;
        for (int token = 0; token < weights.length && (drawn < 0 || sum <= point); token++) {
            sum += weights[token];
            drawn = weights[token] > 0 ? token : drawn;
        }
        return drawn;
    }
}
