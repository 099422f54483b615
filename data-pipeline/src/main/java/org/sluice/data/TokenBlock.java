package org.sluice.data;

/**
 * One block of a dataset. Position {@code t} predicts token {@code t + 1}, except where {@code t + 1} is a document start: the last
 * token of a document predicts nothing, and attention does not cross a document start.
 *
 * @param number the block's number: on the training side, its place in the training order
 * @param tokens {@code L + 1} tokens, {@code L} being the dataset's block length. Padding at the end is end-of-text tokens, each a
 *     document start
 * @param documentStarts indices into the tokens at which documents start, ascending; 0 is always the first
 * @param domain the domain of all of the block's documents
 */
public record TokenBlock(long number, int[] tokens, int[] documentStarts, String domain) {}
