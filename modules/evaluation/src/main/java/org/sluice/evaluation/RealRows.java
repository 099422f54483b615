package org.sluice.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sluice.data.TokenBlock;

/**
 * Which rows of a batch hold real tokens: all but the padding that fills up a block, and but the sequences that fill up the batch.
 *
 * <p>Padding is a run of one-token documents at the end of a block. Such a token predicts nothing and sees only itself: its attention
 * to the first token that it sees is 1 by definition, in any model. Counted, it would add the share of padding to F-Attn, and its
 * hidden states to M-Act; so it is left out of every figure.
 */
final class RealRows {
    /**
     * Neighbouring rows, all real.
     *
     * @param first the first row, counted over the batch's sequences, one after the other
     * @param count the number of rows
     */
    record Run(long first, long count) {}

    private final int length;
    private final long batchRows;
    private final int[] realPerSequence;

    /**
     * @param blocks the blocks of the batch, one a sequence, from the first sequence on
     * @param batchSequences the sequences of the batch, at least as many
     * @param length the positions of a sequence
     */
    RealRows(List<TokenBlock> blocks, int batchSequences, int length) {
        this.length = length;
        this.batchRows = (long) batchSequences * length;
        this.realPerSequence =
                blocks.stream().mapToInt(block -> realTokens(block, length)).toArray();
    }

    /** The positions of a block before its padding, at most {@code length}. */
    static int realTokens(TokenBlock block, int length) {
        int[] starts = block.documentStarts();
        int last = block.tokens().length - 1;
        int matching = 0;
        while (matching < starts.length && starts[starts.length - 1 - matching] == last - matching) {
            matching++;
        }
        // The block's last token is only a target. Where it alone starts a document, the row before it is real.
        return matching <= 1 ? length : Math.min(length, last - matching + 1);
    }

    /** The rows of the whole batch, real or not. */
    long batchRows() {
        return batchRows;
    }

    /** The sequences that hold a block. */
    int sequences() {
        return realPerSequence.length;
    }

    /** The real rows of the batch. */
    long count() {
        return Arrays.stream(realPerSequence).asLongStream().sum();
    }

    /** The rows of padding inside the batch's blocks. */
    long padding() {
        return (long) length * sequences() - count();
    }

    /** The real rows: a run for each block that has any. */
    List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        for (int sequence = 0; sequence < realPerSequence.length; sequence++) {
            if (realPerSequence[sequence] > 0) {
                runs.add(new Run((long) sequence * length, realPerSequence[sequence]));
            }
        }
        return runs;
    }
}
