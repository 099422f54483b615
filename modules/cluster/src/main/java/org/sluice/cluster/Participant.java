package org.sluice.cluster;

import java.io.Serializable;
import java.util.Iterator;
import org.sluice.training.RoutedBatch;

/** One worker as the exchange sees it. It may be called from several tasks at once, of which all but one are stale or repeated. */
interface Participant {

    /**
     * Whether the worker has the version before the given one, or parts of either, so that what changed brings it to the given one. Always
     * false where the parameters themselves travel.
     */
    boolean takesUpdate(long version);

    /**
     * Takes the parameters of the order's version.
     *
     * @param global the slices of the order's version, each once, in any order, or what changed in them if the worker takes that; taken
     *     only if they are not there yet
     * @throws WorkerStateException if the worker has no state of the order's version and may not restore it
     */
    void receive(RoundOrder order, Iterator<GlobalSlice> global);

    /**
     * Counts what the routers do with the worker's share of the order's first step; trains nothing.
     *
     * @param global the slices of the order's version, each once, in any order, or what changed in them if the worker takes that; taken
     *     only if they are not there yet
     * @throws WorkerStateException if the worker has no state of the order's version and may not restore it
     */
    RoutedBatch countExperts(RoundOrder order, Iterator<GlobalSlice> global);

    /**
     * Does one round, or nothing if that very round is already done and its parameters are still there.
     *
     * @param global the slices of the order's version, each once, in any order, or what changed in them if the worker takes that; taken
     *     only if they are not there yet
     * @param stopIfKilled throws if the task was killed; called between local steps
     * @return what was done
     * @throws WorkerStateException if the worker has no state of the order's version and may not restore it
     */
    WorkerReport run(RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled);

    /**
     * What it sends to the owner of a slice after the round; the same whenever it is asked.
     *
     * @throws WorkerStateException if the worker has gone on since
     */
    Contribution contribution(RoundOrder order, int slice);

    /** Finds the participant in the executor that a task runs in. */
    interface Finder extends Serializable {
        Participant find(RoundOrder order, int worker);
    }
}
