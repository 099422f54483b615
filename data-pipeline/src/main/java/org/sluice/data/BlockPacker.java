package org.sluice.data;

import java.util.Arrays;

/** Packs the documents of one stream into blocks. */
final class BlockPacker {
    private final int endOfText;
    private final int[] tokens;
    private final int[] documentStarts;
    private int size;
    private int starts;
    private long blocks;

    BlockPacker(int blockLength, int endOfText) {
        this.endOfText = endOfText;
        this.tokens = new int[blockLength + 1];
        this.documentStarts = new int[blockLength + 1];
    }

    /** Adds a token. The block is full afterwards if this gives true; then {@link #next} must follow before the next token. */
    boolean add(int token, boolean startsDocument) {
        // A block's first token starts what attention can see, whatever it is.
        if (startsDocument || size == 0) {
            documentStarts[starts++] = size;
        }
        tokens[size++] = token;
        return size == tokens.length;
    }

    /** Fills the block up with padding; false if the stream's last token already ended a block. */
    boolean finish() {
        if (size == 0 || (size == 1 && blocks > 0)) {
            return false;
        }
        while (size < tokens.length) {
            add(endOfText, true);
        }
        return true;
    }

    /** The full block's tokens, valid until {@link #next}. */
    int[] tokens() {
        return tokens;
    }

    int[] documentStarts() {
        return Arrays.copyOf(documentStarts, starts);
    }

    /** Begins the next block of the stream with the last token of this one. */
    void next() {
        blocks++;
        int last = tokens[tokens.length - 1];
        size = 0;
        starts = 0;
        add(last, false);
    }

    /** Begins another stream. */
    void reset() {
        size = 0;
        starts = 0;
        blocks = 0;
    }
}
