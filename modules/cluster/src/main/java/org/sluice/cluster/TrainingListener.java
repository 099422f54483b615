package org.sluice.cluster;

import java.util.List;
import org.sluice.tensor.Precision;

/** Is told how training goes, on the thread that trains. What it throws ends the training. */
public interface TrainingListener {

    /**
     * Training begins, or goes on after going back.
     *
     * @param executors where each worker lives, in the order of the workers
     * @param coresPerWorker the cores of each worker's backend
     * @param precision of the workers' matrix products
     * @param from what is done already
     */
    record Start(
            String variant,
            long parameters,
            List<String> executors,
            int coresPerWorker,
            Precision precision,
            Progress from,
            long steps) {}

    /**
     * One step of all workers.
     *
     * @param step the steps done with it, so that the last is {@code steps}
     * @param loss the mean over all workers' targets, nats
     * @param gradientNorm the mean of the workers' gradient norms, weighted by their targets
     * @param tokens the positions of all steps up to it
     * @param tokensPerSecond the step's positions by the time of its slowest worker
     */
    record Step(
            String variant,
            long step,
            long steps,
            double loss,
            double learningRate,
            double gradientNorm,
            long tokens,
            double tokensPerSecond) {}

    /**
     * One round.
     *
     * @param computeSeconds the local steps of its slowest worker
     * @param exchangeSeconds the rest of the round
     * @param bytes what workers and owners received, as Spark counted it
     */
    record Round(String variant, long round, long step, double computeSeconds, double exchangeSeconds, long bytes) {}

    /** A checkpoint was finished. */
    record Checkpoint(String variant, long round, long step, String folder, double seconds, long bytes) {}

    /**
     * Training goes back to a checkpoint, because of a failure that it can get over.
     *
     * @param cause what failed, in one line
     * @param backTo what is done there
     */
    record Recovery(String variant, String cause, int attempt, int attempts, Progress backTo) {}

    default void started(Start start) {}

    default void step(Step step) {}

    default void round(Round round) {}

    default void checkpoint(Checkpoint checkpoint) {}

    /** A finished checkpoint does not verify, and the one before it is tried. */
    default void checkpointRefused(String message) {}

    default void recovery(Recovery recovery) {}

    static TrainingListener none() {
        return new TrainingListener() {};
    }
}
