package org.sluice.cluster;

import java.util.List;
import org.sluice.cluster.control.Positions;
import org.sluice.tensor.Precision;

/** Is told how training goes, on the thread that trains. What it throws ends the training. */
public interface TrainingListener {

    /**
     * Where a worker lives.
     *
     * @param worker its number, from 0
     * @param executor the Spark executor
     * @param host that executor's host
     */
    record Place(int worker, String executor, String host) {}

    /**
     * Training begins, or goes on after going back.
     *
     * @param places where each worker lives, in the order of the workers
     * @param coresPerWorker the cores of each worker's backend
     * @param precision of the workers' matrix products
     * @param from what is done already
     */
    record Start(
            String variant,
            long parameters,
            List<Place> places,
            int coresPerWorker,
            Precision precision,
            Progress from,
            long steps) {

        /** The executor of each worker, in the order of the workers. */
        public List<String> executors() {
            return places.stream().map(Place::executor).toList();
        }
    }

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
     * @param places where the workers whose work counts live, in the order of the workers
     * @param computeSeconds the local steps of its slowest worker
     * @param exchangeSeconds the rest of the round
     * @param bytes what workers and owners received, as Spark counted it
     */
    record Round(
            String variant,
            long round,
            long step,
            List<Place> places,
            double computeSeconds,
            double exchangeSeconds,
            long bytes) {

        /** How many workers' work counts. */
        public int workers() {
            return places.size();
        }
    }

    /**
     * What one of the workers whose work counts in a round took for its part.
     *
     * @param trainSeconds its local steps
     * @param receiveSeconds the time that it waited for parameters
     * @param tokens the positions of its steps
     */
    record WorkerTime(
            int worker, String executor, String host, double trainSeconds, double receiveSeconds, long tokens) {}

    /** What the workers of a round took, in the order of their numbers. */
    record WorkerTimes(String variant, long round, List<WorkerTime> workers) {}

    /**
     * What a worker did in a round does not count; its blocks are dealt again.
     *
     * @param blocks their positions in the sequence of all blocks
     */
    record Uncounted(String variant, long round, int worker, List<Positions> blocks, String reason) {}

    /**
     * A checkpoint was finished.
     *
     * @param seconds from its round's end until it was finished
     * @param waitedSeconds of these, those that training stood still
     */
    record Checkpoint(
            String variant, long round, long step, String folder, double seconds, double waitedSeconds, long bytes) {}

    /**
     * A checkpoint could not be written. Training goes on, and the newest one stays what it was.
     *
     * @param cause what failed, in one line
     * @param failures how many in a row could not be written, with this one
     * @param allowed how many in a row may fail before training ends
     */
    record CheckpointFailure(String variant, long round, long step, String cause, int failures, int allowed) {}

    /**
     * Training goes back to a checkpoint, because of a failure that it can get over.
     *
     * @param cause what failed, in one line
     * @param backTo what is done there
     */
    record Recovery(String variant, String cause, int attempt, int attempts, Progress backTo) {}

    /** Something about the cluster that was noticed before the first round, in one line; training can live with it. */
    default void warned(String message) {}

    default void started(Start start) {}

    default void step(Step step) {}

    /** Told of each round, before the round itself. */
    default void workers(WorkerTimes times) {}

    default void round(Round round) {}

    default void uncounted(Uncounted uncounted) {}

    default void checkpoint(Checkpoint checkpoint) {}

    default void checkpointFailed(CheckpointFailure failure) {}

    /** A finished checkpoint does not verify, and the one before it is tried. */
    default void checkpointRefused(String message) {}

    default void recovery(Recovery recovery) {}

    static TrainingListener none() {
        return new TrainingListener() {};
    }

    /** Tells several listeners, each time in this order. */
    static TrainingListener all(List<TrainingListener> listeners) {
        return new JoinedTrainingListener(listeners);
    }
}
