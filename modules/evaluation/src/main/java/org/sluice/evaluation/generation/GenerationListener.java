package org.sluice.evaluation.generation;

/** Is told of text as it comes. */
@FunctionalInterface
public interface GenerationListener {

    /**
     * Called with each piece of a text that is final; together the pieces are {@link Continuation#text}.
     *
     * @param request the place of its request in the batch
     * @param piece never empty
     */
    void text(int request, String piece);
}
