package org.sluice.cluster.control;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How much is trained, and in which portions.
 *
 * @param steps the steps of the whole training
 * @param blocksPerStep the blocks of one step of all workers together
 * @param localSteps the steps of a worker in a round
 * @param workers the workers that train side by side, if there is room for them
 * @param minWorkers training goes on with as few; the same as {@code workers} where their number is fixed
 * @param checkpointRounds a checkpoint is written every so many rounds, and at the end
 * @param recoveries how often in a row training goes back to a checkpoint without getting further before it gives up
 * @param fragments the parts of the parameters, one of which is exchanged after each round, in turn
 * @param overlap whether the exchange after a round goes on while the next one trains
 */
public record RunShape(
        long steps,
        int blocksPerStep,
        int localSteps,
        int workers,
        int minWorkers,
        int checkpointRounds,
        int recoveries,
        int fragments,
        boolean overlap) {

    /** The blocks of the whole training. */
    public long blocks() {
        return Math.multiplyExact(steps, (long) blocksPerStep);
    }

    /**
     * What is exchanged after a round.
     *
     * @param round its number, from 1
     * @param whole whether training is to be in one state then, that of a version: for a checkpoint
     */
    Portion portion(long round, boolean whole) {
        return whole || fragments == 1
                ? new Portion(
                        IntStream.range(0, fragments).boxed().collect(Collectors.toUnmodifiableSet()),
                        overlap && !whole)
                : new Portion(Set.of((int) ((round - 1) % fragments)), overlap);
    }

    /** Whether a checkpoint is due after a round. */
    public boolean isCheckpointDue(long round) {
        return round % checkpointRounds == 0;
    }

    /** Whether workers may have trained what is in no version yet. */
    public boolean isStreamed() {
        return fragments > 1 || overlap;
    }

    /** Whether training goes on where it is when a worker is lost, rather than from a checkpoint. */
    public boolean isElastic() {
        return minWorkers < workers;
    }
}
