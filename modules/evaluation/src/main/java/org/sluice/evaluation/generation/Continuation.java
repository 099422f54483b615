package org.sluice.evaluation.generation;

import java.util.Arrays;

/**
 * What a model wrote behind a prompt.
 *
 * @param text without the prompt, and without the stop string or the end-of-text token where it ended
 * @param tokens all that the model gave, those of a stop string too, but not the end-of-text token; not copied
 * @param ending why it went no further
 */
public record Continuation(String text, int[] tokens, Ending ending) {

    @Override
    public boolean equals(Object other) {
        return other instanceof Continuation that
                && text.equals(that.text)
                && Arrays.equals(tokens, that.tokens)
                && ending == that.ending;
    }

    @Override
    public int hashCode() {
        return text.hashCode() * 31 + Arrays.hashCode(tokens);
    }

    @Override
    public String toString() {
        return "'" + text + "' of " + Arrays.toString(tokens) + " to " + ending.id();
    }
}
