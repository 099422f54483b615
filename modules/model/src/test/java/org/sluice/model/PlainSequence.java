package org.sluice.model;

import org.sluice.tensor.Loss;

/**
 * One sequence of a batch.
 *
 * @param first the index of its first position in the batch's arrays
 */
record PlainSequence(TokenBatch batch, int first) {

    int length() {
        return batch.length();
    }

    int token(int t) {
        return batch.tokens()[first + t];
    }

    boolean hasTarget(int t) {
        return batch.targets()[first + t] != Loss.IGNORED;
    }

    int target(int t) {
        return batch.targets()[first + t];
    }

    int firstVisible(int t) {
        return batch.firstVisible()[first + t];
    }

    /** Whether experts see a position: all but those that see only themselves, that no later one sees, and that have no target. */
    boolean isRouted(int t) {
        boolean seen = false;
        for (int later = t + 1; later < length(); later++) {
            seen |= firstVisible(later) <= t;
        }
        return firstVisible(t) < t || seen || hasTarget(t);
    }
}
