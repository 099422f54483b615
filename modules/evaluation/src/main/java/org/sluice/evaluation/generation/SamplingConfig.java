package org.sluice.evaluation.generation;

/**
 * How the next token is drawn from the logits of a model. The steps, in this order:
 *
 * <ol>
 *   <li>Only tokens that the tokenizer has are looked at. They are ranked by their logits, the largest first; of equal ones the token of the
 *       smaller number comes first.
 *   <li>With a temperature of 0 the first is taken, and nothing is left to chance.
 *   <li>Top-k keeps the first {@code topK}.
 *   <li>The kept ones get the probabilities {@code softmax(logit / temperature)}.
 *   <li>Top-p (Holtzman et al. 2020, arXiv 1904.09751) keeps the fewest first ones whose probabilities add up to at least {@code topP}.
 *   <li>One is drawn from what is kept, in proportion to the probabilities.
 * </ol>
 *
 * @param temperature finite, at least 0; 1 leaves the model's probabilities as they are
 * @param topK at least 0; 0 keeps all
 * @param topP above 0, at most 1; 1 keeps all
 */
public record SamplingConfig(double temperature, int topK, double topP) {
    /** Always the most probable token. */
    public static final SamplingConfig GREEDY = new SamplingConfig(0, 0, 1);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range; the message names it, its value and what it must be
     */
    public SamplingConfig {
        if (!(temperature >= 0 && Double.isFinite(temperature))) {
            throw new IllegalArgumentException("temperature is " + temperature + "; it must be at least 0");
        }
        if (topK < 0) {
            throw new IllegalArgumentException("top-k is " + topK + "; it must be at least 0, which keeps all tokens");
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("top-p is " + topP + "; it must be above 0 and at most 1");
        }
    }

    boolean greedy() {
        return temperature == 0;
    }
}
