package org.sluice.evaluation.generation;

import java.util.List;
import java.util.SplittableRandom;

/**
 * How prompts are continued.
 *
 * @param maximumTokens the tokens of a continuation, at least 1
 * @param stops strings before which a text ends, none of them empty
 * @param seed what random numbers are drawn from
 */
public record GenerationConfig(SamplingConfig sampling, int maximumTokens, List<String> stops, long seed) {

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if one is out of range; the message says which, and what it must be
     */
    public GenerationConfig {
        if (maximumTokens < 1) {
            throw new IllegalArgumentException("max-tokens is " + maximumTokens + "; it must be at least 1");
        }
        if (stops.contains("")) {
            throw new IllegalArgumentException("stop is empty; a stop string needs at least one character");
        }
        stops = List.copyOf(stops);
    }

    /**
     * The random numbers of a sample. They are the same for every prompt and whatever else is generated, so that a text depends on its
     * prompt, the seed and the number of the sample alone.
     */
    SplittableRandom random(int sample) {
        SplittableRandom root = new SplittableRandom(seed);
        SplittableRandom own = root.split();
        for (int before = 0; before < sample; before++) {
            own = root.split();
        }
        return own;
    }
}
