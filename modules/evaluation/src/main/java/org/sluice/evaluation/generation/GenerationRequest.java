package org.sluice.evaluation.generation;

import java.util.Arrays;

/**
 * One text that is asked for.
 *
 * @param prompt the tokens to continue, at least one; not copied
 * @param sample from 0; different ones give different texts of the same prompt, unless the sampling is greedy
 */
public record GenerationRequest(int[] prompt, int sample) {

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if the prompt is empty, or the sample negative
     */
    public GenerationRequest {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("a prompt has no tokens; a model needs at least one to continue from");
        }
        if (sample < 0) {
            throw new IllegalArgumentException("the sample is " + sample + "; samples are numbered from 0");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GenerationRequest that && sample == that.sample && Arrays.equals(prompt, that.prompt);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(prompt) * 31 + sample;
    }

    @Override
    public String toString() {
        return "sample " + sample + " behind " + Arrays.toString(prompt);
    }
}
