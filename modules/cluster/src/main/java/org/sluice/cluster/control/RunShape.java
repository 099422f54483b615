package org.sluice.cluster.control;

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
 */
public record RunShape(
        long steps,
        int blocksPerStep,
        int localSteps,
        int workers,
        int minWorkers,
        int checkpointRounds,
        int recoveries) {

    /** The blocks of the whole training. */
    public long blocks() {
        return Math.multiplyExact(steps, (long) blocksPerStep);
    }

    /** Whether training goes on where it is when a worker is lost, rather than from a checkpoint. */
    public boolean isElastic() {
        return minWorkers < workers;
    }
}
