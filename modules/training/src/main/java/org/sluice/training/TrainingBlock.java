package org.sluice.training;

/**
 * One sequence to train on.
 *
 * @param number its place in the global order of the dataset, for messages
 * @param tokens block length + 1 token identifiers; position t predicts token t + 1
 * @param documentStarts ascending indices into {@code tokens} where documents begin, 0 included; nothing is predicted or seen across
 *     one
 */
@SuppressWarnings("ArrayRecordComponent") // A block is its tokens, and is never compared.
public record TrainingBlock(long number, int[] tokens, int[] documentStarts) {}
