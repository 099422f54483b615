package org.sluice.cluster;

import java.io.Serializable;
import java.util.List;
import org.sluice.training.RoutedBatch;

/** One worker as the exchange sees it. It may be called from several tasks at once, of which all but one are stale or repeated. */
interface Participant {

    /**
     * Takes the parameters of the order's version.
     *
     * @param global the fragments of the current version, of which it takes those that it does not have
     * @throws WorkerStateException if the worker has no state of the order's version and may not restore it
     */
    void receive(RoundOrder order, List<IncomingFragment> global);

    /**
     * Fetches the current version while the worker may be training. It is taken when the round is over.
     *
     * @param global the fragments of the current version, of which it fetches those that it does not have
     */
    void fetch(RoundOrder order, List<IncomingFragment> global);

    /**
     * Counts what the routers do with the worker's share of the order's first step; trains nothing.
     *
     * @param global the fragments of the current version, of which it takes those that it does not have
     * @throws WorkerStateException if the worker has no state of the order's version and may not restore it
     */
    RoutedBatch countExperts(RoundOrder order, List<IncomingFragment> global);

    /**
     * Does one round, or nothing if that very round is already done and its parameters are still there.
     *
     * @param global the fragments of the current version, of which it takes those that it does not have
     * @param stopIfKilled throws if the task was killed; called between local steps
     * @return what was done
     * @throws WorkerStateException if the worker has no state of the order's version and may not restore it
     */
    WorkerReport run(RoundOrder order, List<IncomingFragment> global, Runnable stopIfKilled);

    /**
     * What it sends to the owner of a slice after the round; the same whenever it is asked.
     *
     * @throws WorkerStateException if the worker has gone on since
     */
    Contribution contribution(RoundOrder order, int slice);

    /** Is told, after the parameters were taken, of the bytes that Spark counted for it. */
    default void received(long bytes) {}

    /** Finds the participant in the executor that a task runs in. */
    interface Finder extends Serializable {
        Participant find(RoundOrder order, int worker);
    }
}
