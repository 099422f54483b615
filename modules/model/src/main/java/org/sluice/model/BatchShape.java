package org.sluice.model;

import org.sluice.tensor.Shape;

/** The fixed size of a decoder's batches: {@code B} sequences of {@code T} tokens. */
record BatchShape(int sequences, int length) {

    BatchShape {
        if (sequences < 1 || length < 1) {
            throw new IllegalArgumentException(
                    "a decoder needs batches of at least 1 sequence of at least 1 token, not " + sequences
                            + " sequences of " + length + " tokens");
        }
        Math.multiplyExact(sequences, length);
    }

    /** {@code N = B * T}. */
    int rows() {
        return sequences * length;
    }

    /** {@code [N]}. */
    Shape perRow() {
        return Shape.of(rows());
    }

    /** {@code [B, T]}. */
    Shape perToken() {
        return Shape.of(sequences, length);
    }

    /** {@code [N, width]}. */
    Shape rowsOf(int width) {
        return Shape.of(rows(), width);
    }

    /** {@code [B, T, heads, headDim]}. */
    Shape headsOf(int heads, int headDim) {
        return Shape.of(sequences, length, heads, headDim);
    }

    /** One number for each head of each token, {@code [B, T, heads]}. */
    Shape perTokenAndHead(int heads) {
        return Shape.of(sequences, length, heads);
    }

    /** One number for each token of each head, {@code [B, heads, T]}: the order of attention's statistics. */
    Shape perHeadAndToken(int heads) {
        return Shape.of(sequences, heads, length);
    }
}
