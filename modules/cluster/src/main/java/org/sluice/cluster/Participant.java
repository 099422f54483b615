package org.sluice.cluster;

import java.io.Serializable;
import java.util.Iterator;

/** One worker as the exchange sees it. It may be called from several tasks at once, of which all but one are stale or repeated. */
interface Participant {

    /**
     * Does one round, or nothing if that very round is already done and its parameters are still there.
     *
     * @param global the slices of the order's version, each once, in any order
     * @param stopIfKilled throws if the task was killed; called between local steps
     * @return what was done
     * @throws WorkerStateException if the worker has no state of the order's version and may not restore it
     */
    WorkerReport run(RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled);

    /**
     * The values of a slice after the round.
     *
     * @throws WorkerStateException if the worker has gone on since
     */
    byte[] parametersAfter(RoundOrder order, int slice);

    /** Finds the participant in the executor that a task runs in. */
    interface Finder extends Serializable {
        Participant find(RoundOrder order, int worker);
    }
}
