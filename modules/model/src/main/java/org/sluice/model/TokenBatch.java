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
        TokenBatch batch = padding(sequences, length);
        for (int sequence = 0; sequence < blocks.size(); sequence++) {
            batch.put(sequence, blocks.get(sequence), documentStarts.get(sequence));
        }
        return batch;
    }

    /**
     * Makes a batch in which all sequences are missing, for {@link #put}: so one batch can be filled again and again.
     *
     * @param sequences {@code B}
     * @param length {@code T}
     */
    public static TokenBatch padding(int sequences, int length) {
        int positions = Math.multiplyExact(sequences, length);
        TokenBatch batch =
                new TokenBatch(sequences, length, new int[positions], new int[positions], new int[positions]);
        for (int sequence = 0; sequence < sequences; sequence++) {
            batch.pad(sequence);
        }
        return batch;
    }

    /**
     * Puts a block in the place of a sequence, as {@link #of} does.
     *
     * @param block {@code length + 1} tokens
     * @param documentStarts the indices of its tokens at which documents start, ascending, the first of them 0
     * @throws IllegalArgumentException if the block is malformed; the message says how, and the batch is as before
     */
    public void put(int sequence, int[] block, int[] documentStarts) {
        requireWellFormed(sequence, length, block, documentStarts);
        int first = sequence * length;
        System.arraycopy(block, 0, tokens, first, length);
        System.arraycopy(block, 1, targets, first, length);
        separateDocuments(documentStarts, first, length, targets, firstVisible);
    }

    /** Fills the place of a sequence as if it were missing. */
    public void pad(int sequence) {
        int first = sequence * length;
        Arrays.fill(tokens, first, first + length, 0);
        Arrays.fill(targets, first, first + length, Loss.IGNORED);
        for (int position = 0; position < length; position++) {
            firstVisible[first + position] = position;
        }
    }

    /** How many positions have a target: what a sum of losses is divided by. */
    public long targetCount() {
        long count = 0;
        for (int target : targets) {
            count += target == Loss.IGNORED ? 0 : 1;
        }
        return count;
    }

    /**
     * Whether a mixture of experts routes the position: not if it stands for itself alone (it sees only itself, is seen by no other, and has
     * no target, which is what fills up blocks and batches).
     *
     * @param row which of the {@code B * T} positions
     */
    boolean isRouted(int row) {
        int position = row % length;
        boolean seesOthers = firstVisible[row] < position;
        boolean isSeen = position + 1 < length && firstVisible[row + 1] <= position;
        return seesOthers || isSeen || targets[row] != Loss.IGNORED;
    }

    /** How many positions a mixture of experts routes: all but the padding. */
    public long routedCount() {
        long count = 0;
        for (int row = 0; row < targets.length; row++) {
            count += isRouted(row) ? 1 : 0;
        }
        return count;
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
