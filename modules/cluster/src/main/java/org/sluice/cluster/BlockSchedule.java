package org.sluice.cluster;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Who trains on which blocks, by arithmetic alone.
 *
 * <p>Step {@code s} (from 0) of all workers together uses the positions {@code s * B} to {@code (s + 1) * B} of an endless sequence, in which
 * the training blocks of the dataset come again and again in their order: position {@code p} is block {@code p mod trainBlocks}. Worker
 * {@code w} of {@code W} takes the contiguous share from {@code floor(w * B / W)} to {@code floor((w + 1) * B / W)} of them; shares
 * differ by at most one block. So the blocks of a step do not depend on how many workers there are.
 *
 * @param blocksPerStep {@code B}
 * @param workers {@code W}
 * @param trainBlocks the blocks of the dataset that are trained on
 */
record BlockSchedule(int blocksPerStep, int workers, long trainBlocks) implements Serializable {

    /** Block numbers from the first to before the last. */
    record Range(long from, long to) {}

    BlockSchedule {
        if (blocksPerStep < workers) {
            throw new IllegalArgumentException(
                    "blocksPerStep (" + blocksPerStep + ") is less than the number of workers (" + workers
                            + "): each worker needs at least 1 block a step; raise blocksPerStep or lower workers");
        }
        if (trainBlocks < blocksPerStep) {
            throw new IllegalArgumentException(
                    "the dataset has " + trainBlocks + " training blocks, but one step takes " + blocksPerStep
                            + " (blocksPerStep); lower it, shorten the blocks, or add text");
        }
    }

    /** The blocks of the largest share. */
    int largestShare() {
        return (blocksPerStep + workers - 1) / workers;
    }

    /** The share of a worker in a step, in order; more than one range where the sequence begins again. */
    List<Range> share(long step, int worker) {
        long position =
                Math.addExact(Math.multiplyExact(step, (long) blocksPerStep), (long) worker * blocksPerStep / workers);
        long end = step * blocksPerStep + (worker + 1L) * blocksPerStep / workers;
        List<Range> ranges = new ArrayList<>();
        while (position < end) {
            long from = position % trainBlocks;
            long count = Math.min(end - position, trainBlocks - from);
            ranges.add(new Range(from, from + count));
            position += count;
        }
        return ranges;
    }
}
