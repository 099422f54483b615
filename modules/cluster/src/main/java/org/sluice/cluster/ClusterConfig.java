package org.sluice.cluster;

import java.io.Serializable;
import java.util.List;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.cluster.control.RunShape;
import org.sluice.tensor.Precision;

/**
 * How a model is trained on many workers.
 *
 * @param workers the replicas that train at the same time
 * @param minWorkers training goes on with as few when others are lost; the same as {@code workers} where their number is fixed
 * @param blocksPerStep the blocks of one step of all workers together, at least one for each
 * @param localSteps {@code H}: the steps that a worker does on its own before parameters are averaged
 * @param innerState what becomes of a worker's own optimizer's state at the end of a round
 * @param rounds when a round is over, and whose work counts
 * @param outer how the workers' mean becomes the next version of the parameters
 * @param checkpointRounds a checkpoint is written every so many rounds, and at the end
 * @param keepCheckpoints the newest checkpoints that are kept
 * @param asynchronousCheckpoints whether checkpoints are written while training goes on, for which each worker copies its optimizer's state;
 *     otherwise it stands still
 * @param sliceElements the parameters of one slice of the exchange
 * @param recoveries how often in a row training goes back to a checkpoint without getting further before it gives up
 * @param backend the backend of the workers, by name; {@code auto} takes the fastest that can run
 * @param precision what the workers' matrix products are computed with
 * @param wireFormat what travels between workers and owners
 * @param partialSums whether the workers of an executor are averaged there before anything travels: fewer bytes, but the bits then depend on
 *     which workers live together
 * @param expertWeighting whether the parameters of an expert are weighted by the rows that each worker gave to it; otherwise by targets, as
 *     all others
 * @param streaming how the exchange is spread over time
 * @param coresPerWorker the cores of a worker's backend; 0 divides an executor's cores by the workers on it, once, when training starts
 */
public record ClusterConfig(
        int workers,
        int minWorkers,
        int blocksPerStep,
        int localSteps,
        InnerState innerState,
        RoundPolicy rounds,
        OuterOptimizer outer,
        int checkpointRounds,
        int keepCheckpoints,
        boolean asynchronousCheckpoints,
        int sliceElements,
        int recoveries,
        String backend,
        Precision precision,
        WireFormat wireFormat,
        boolean partialSums,
        boolean expertWeighting,
        Streaming streaming,
        int coresPerWorker)
        implements Serializable {
    public static final int DEFAULT_SLICE_ELEMENTS = 1 << 20;
    public static final int DEFAULT_RECOVERIES = 3;

    /**
     * The settings that may be others when training goes on: what changes no number that is trained, or what a cluster may have to change
     * meanwhile. Another number of workers rounds differently, and counts every block once all the same.
     */
    public static final List<String> MAY_CHANGE = List.of(
            "workers",
            "minWorkers",
            "rounds",
            "checkpointRounds",
            "keepCheckpoints",
            "asynchronousCheckpoints",
            "sliceElements",
            "recoveries",
            "coresPerWorker");

    private static final int LARGEST_SLICE = 1 << 28;

    /**
     * @throws IllegalArgumentException if a value is out of its range; the message names it, its value and the range
     */
    public ClusterConfig {
        requireAtLeast("workers", workers, 1);
        requireAtLeast("minWorkers", minWorkers, 1);
        requireAtLeast("blocksPerStep", blocksPerStep, 1);
        requireAtLeast("localSteps", localSteps, 1);
        requireAtLeast("checkpointRounds", checkpointRounds, 1);
        requireAtLeast("keepCheckpoints", keepCheckpoints, 1);
        requireAtLeast("sliceElements", sliceElements, 1);
        requireAtLeast("recoveries", recoveries, 0);
        requireAtLeast("coresPerWorker", coresPerWorker, 0);
        if (sliceElements > LARGEST_SLICE) {
            throw new IllegalArgumentException("cluster: sliceElements is " + sliceElements + "; it must be at most "
                    + LARGEST_SLICE + ", as a slice is one array of bytes");
        }
        if (minWorkers > workers) {
            throw new IllegalArgumentException("cluster: minWorkers (" + minWorkers + ") is more than workers ("
                    + workers + "), which is the most that train; lower minWorkers or raise workers");
        }
        if (innerState == InnerState.AVERAGED && wireFormat.keepsResiduals()) {
            throw new IllegalArgumentException("cluster: innerState is averaged with wireFormat " + wireFormat
                    + "; rounded second moments could fall below zero, so it is for wireFormat " + WireFormat.FP32
                    + " only");
        }
        if (partialSums && wireFormat.keepsResiduals()) {
            throw new IllegalArgumentException("cluster: partialSums is true with wireFormat " + wireFormat
                    + "; a mean of workers would be rounded again without any of them keeping what that leaves over, so it"
                    + " is for wireFormat " + WireFormat.FP32 + " only");
        }
        if (streaming.isOn()) {
            requireStreamable(minWorkers < workers, localSteps, innerState);
        }
        if (blocksPerStep < workers) {
            throw new IllegalArgumentException("cluster: blocksPerStep (" + blocksPerStep
                    + ") is less than the number of workers (" + workers
                    + "): each worker needs at least 1 block a step; raise blocksPerStep or lower workers");
        }
    }

    /** The most blocks of one step that a worker has when all take part; with fewer workers, steps take more micro-batches. */
    public int largestShare() {
        return (blocksPerStep + workers - 1) / workers;
    }

    /** How much of a training is done in which portions. */
    public RunShape shape(long steps) {
        return new RunShape(
                steps,
                blocksPerStep,
                localSteps,
                workers,
                minWorkers,
                checkpointRounds,
                recoveries,
                streaming.fragments(),
                streaming.overlap());
    }

    /** What workers have of a round that is not exchanged yet is in no version: it cannot outlive them, and is no step of all of them. */
    private static void requireStreamable(boolean elastic, int localSteps, InnerState innerState) {
        String with = "with streaming.fragments above 1 or streaming.overlap; ";
        if (elastic) {
            throw new IllegalArgumentException("cluster: minWorkers is less than workers " + with
                    + "what a lost worker has not exchanged yet would be lost with it. Leave minWorkers out: all then go"
                    + " back to the newest checkpoint");
        }
        if (localSteps == 1) {
            throw new IllegalArgumentException("cluster: localSteps is 1 " + with
                    + "a step of all workers together is exchanged at once. Raise localSteps, or leave streaming out");
        }
        if (innerState == InnerState.AVERAGED) {
            throw new IllegalArgumentException("cluster: innerState is averaged " + with
                    + "moments travel only with all parameters. Take local or reset, or leave streaming out");
        }
    }

    private static void requireAtLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException("cluster: " + name + " is " + value + "; it must be at least " + least);
        }
    }
}
