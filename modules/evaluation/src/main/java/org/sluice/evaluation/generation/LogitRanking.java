package org.sluice.evaluation.generation;

/**
 * Tokens by their logits, the largest first, of equal ones the smaller number: a heap, since a few of many are asked for.
 */
final class LogitRanking {
    private final double[] logits;
    private final int offset;
    private final int[] heap;
    private int size;

    /** Of {@code count} tokens, whose logits begin at {@code offset}. */
    LogitRanking(double[] logits, int offset, int count) {
        this.logits = logits;
        this.offset = offset;
        this.heap = new int[count];
        this.size = count;
        for (int token = 0; token < count; token++) {
            heap[token] = token;
        }
        for (int parent = count / 2 - 1; parent >= 0; parent--) {
            sink(parent);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Takes the first token that is left. */
    int next() {
        int first = heap[0];
        size--;
        heap[0] = heap[size];
        sink(0);
        return first;
    }

    private void sink(int from) {
        int at = from;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], heap[at])) {
                return;
            }
            int token = heap[at];
            heap[at] = heap[child];
            heap[child] = token;
            at = child;
        }
    }

    private boolean before(int token, int other) {
        double logit = logits[offset + token];
        double otherLogit = logits[offset + other];
        return logit > otherLogit || (logit == otherLogit && token < other);
    }
}
