package org.sluice.cluster.control;

import java.io.Serializable;

/**
 * Positions in the endless sequence in which the training blocks of a dataset come again and again, in their order: position {@code p} is
 * block {@code p mod trainBlocks}.
 *
 * @param from the first
 * @param to behind the last
 */
public record Positions(long from, long to) implements Serializable {

    /** @throws IllegalArgumentException if there is none */
    public Positions {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("positions from " + from + " to before " + to + " are none");
        }
    }

    /** How many there are. */
    public long count() {
        return to - from;
    }

    @Override
    public String toString() {
        return count() == 1 ? "" + from : from + "-" + (to - 1);
    }
}
