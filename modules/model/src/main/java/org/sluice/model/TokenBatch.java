package org.sluice.model;

import java.util.Arrays;
import java.util.List;
import org.sluice.tensor.Loss;

/**
 * The input of one forward pass: {@code sequences} rows of {@code length} tokens, all arrays {@code [B * T]} in row-major order.
 *
 * <p>The arrays are shared with the caller, not copied.
 *
 * @param sequences {@code B}
 * @param length {@code T}
 * @param tokens the token at each position
 * @param targets the token that each position is to predict, or {@link Loss#IGNORED}
 * @param firstVisible for each position the position, in its sequence, at which its document starts
 */
public record TokenBatch(int sequences, int length, int[] tokens, int[] targets, int[] firstVisible) {

    /**
     * Checks the sizes.
     *
     * @throws IllegalArgumentException if an array is not of {@code sequences * length} elements
     */
    public TokenBatch {
        if (sequences < 1 || length < 1) {
            throw new IllegalArgumentException("a batch needs at least 1 sequence of at least 1 token, not " + sequences
                    + " sequences of " + length + " tokens");
        }
        int positions = Math.multiplyExact(sequences, length);
        requirePositions("tokens", tokens, positions);
        requirePositions("targets", targets, positions);
        requirePositions("firstVisible", firstVisible, positions);
    }

    /**
     * Makes a batch of token blocks. Position {@code t} is to predict token {@code t + 1} of its block, unless a document starts there;
     * it sees its own document only.
     *
     * <p>Missing sequences are filled with token 0, each position a document of its own that sees itself alone and has no target.
     *
     * @param sequences {@code B}, at least the number of blocks
     * @param length {@code T}
     * @param blocks the blocks, each of {@code length + 1} tokens
     * @param documentStarts for each block the indices of its tokens at which documents start, ascending, the first of them 0
     * @throws IllegalArgumentException if there is no block or too many, or one is malformed; the message says which and how
     */
    public static TokenBatch of(int sequences, int length, List<int[]> blocks, List<int[]> documentStarts) {
        if (blocks.isEmpty() || blocks.size() > sequences || blocks.size() != documentStarts.size()) {
            throw new IllegalArgumentException("a batch of " + sequences + " sequences takes 1 to " + sequences
                    + " blocks and as many lists of document starts, not " + blocks.size() + " and "
                    + documentStarts.size());
        }
        int[] tokens = new int[Math.multiplyExact(sequences, length)];
        int[] targets = new int[tokens.length];
        int[] firstVisible = new int[tokens.length];
        Arrays.fill(targets, Loss.IGNORED);
        for (int position = 0; position < tokens.length; position++) {
            firstVisible[position] = position % length;
        }
        for (int sequence = 0; sequence < blocks.size(); sequence++) {
            int[] block = blocks.get(sequence);
            int[] starts = documentStarts.get(sequence);
            requireWellFormed(sequence, length, block, starts);
            int first = sequence * length;
            System.arraycopy(block, 0, tokens, first, length);
            System.arraycopy(block, 1, targets, first, length);
            separateDocuments(starts, first, length, targets, firstVisible);
        }
        return new TokenBatch(sequences, length, tokens, targets, firstVisible);
    }

    /** How many positions have a target: what a sum of losses is divided by. */
    public long targetCount() {
        return Arrays.stream(targets).filter(target -> target != Loss.IGNORED).count();
    }

    /**
     * Which positions a mixture of experts routes: {@code [B * T]}, 0 for those that stand for themselves alone (they see only themselves,
     * are seen by no other, and have no target, which is what fills up blocks and batches) and 1 for all others.
     */
    int[] routed() {
        int[] routed = new int[tokens.length];
        for (int row = 0; row < routed.length; row++) {
            int position = row % length;
            boolean seesOthers = firstVisible[row] < position;
            boolean isSeen = position + 1 < length && firstVisible[row + 1] <= position;
            routed[row] = seesOthers || isSeen || targets[row] != Loss.IGNORED ? 1 : 0;
        }
        return routed;
    }

    /** How many positions a mixture of experts routes: all but the padding. */
    public long routedCount() {
        return Arrays.stream(routed()).asLongStream().sum();
    }

    private static void separateDocuments(int[] starts, int first, int length, int[] targets, int[] firstVisible) {
        for (int document = 0; document < starts.length; document++) {
            int start = starts[document];
            int end = document + 1 < starts.length ? Math.min(starts[document + 1], length) : length;
            for (int position = start; position < end; position++) {
                firstVisible[first + position] = start;
            }
            if (start > 0) {
                targets[first + start - 1] = Loss.IGNORED;
            }
        }
    }

    private static void requireWellFormed(int sequence, int length, int[] block, int[] starts) {
        if (block.length != length + 1) {
            throw new IllegalArgumentException("block " + sequence + " of the batch has " + block.length
                    + " tokens; sequences of " + length + " need " + (length + 1));
        }
        if (starts.length == 0 || starts[0] != 0) {
            throw new IllegalArgumentException(
                    "the document starts of block " + sequence + " of the batch must begin with 0, not "
                            + (starts.length == 0 ? "be empty" : "with " + starts[0]));
        }
        for (int document = 1; document < starts.length; document++) {
            if (starts[document] <= starts[document - 1] || starts[document] > length) {
                throw new IllegalArgumentException("document start " + document + " of block " + sequence
                        + " of the batch is " + starts[document] + "; it must be above the one before it ("
                        + starts[document - 1] + ") and at most " + length);
            }
        }
    }

    private static void requirePositions(String array, int[] values, int positions) {
        if (values.length != positions) {
            throw new IllegalArgumentException(
                    "the batch has " + positions + " positions but " + values.length + " " + array);
        }
    }
}
