package org.sluice.cluster.control;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What is written down of a training, in the order in which it happens.
 *
 * @param <R> what workers report
 */
public interface Journal<R> {

    /** Training begins, or goes on from a checkpoint: what was written down after it is forgotten. */
    void begins(Milestone from, List<Integer> crew) throws IOException;

    /**
     * A round is done.
     *
     * @param after what is done with it
     * @param reports of the workers whose work counts, in the order of the workers
     * @param uncounted the workers whose blocks are dealt again, each with the reason
     * @param seconds the time of the whole round
     */
    void round(RoundPlan plan, Milestone after, List<R> reports, Map<Integer, String> uncounted, double seconds)
            throws IOException;

    /**
     * Training goes back to a checkpoint.
     *
     * @param attempt how often in a row, without getting further
     */
    void goesBack(Milestone to, String cause, int attempt);
}
