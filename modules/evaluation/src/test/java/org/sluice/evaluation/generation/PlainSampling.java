package org.sluice.evaluation.generation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The slow, obvious twin of {@link Sampler}: the probability of each token, by the steps that {@link SamplingConfig} lists. */
final class PlainSampling {
    private PlainSampling() {}

    static double[] probabilities(SamplingConfig config, double[] logits) {
        List<Integer> ranked = new ArrayList<>();
        for (int token = 0; token < logits.length; token++) {
            ranked.add(token);
        }
        ranked.sort(Comparator.<Integer>comparingDouble(token -> -logits[token]).thenComparing(token -> token));
        if (config.temperature() == 0) {
            ranked = ranked.subList(0, 1);
        }
        if (config.topK() > 0) {
            ranked = ranked.subList(0, Math.min(config.topK(), ranked.size()));
        }
        double[] softmax = softmax(ranked, logits, config.temperature());
        int kept = 0;
        double sum = 0;
        while (kept < ranked.size() && (kept == 0 || sum < config.topP())) {
            sum += softmax[ranked.get(kept)];
            kept++;
        }
        return softmax(ranked.subList(0, kept), logits, config.temperature());
    }

    private static double[] softmax(List<Integer> tokens, double[] logits, double temperature) {
        double[] probabilities = new double[logits.length];
        double sum = 0;
        for (int token : tokens) {
            for (int other : tokens) {
                probabilities[token] +=
                        tokens.size() == 1 ? 1 : Math.exp((logits[other] - logits[token]) / temperature);
            }
            probabilities[token] = 1 / probabilities[token];
            sum += probabilities[token];
        }
        for (int token : tokens) {
            probabilities[token] /= sum;
        }
        return probabilities;
    }
}
