package org.sluice.cluster.control;

import java.util.Set;

/**
 * What is to be done in one round.
 *
 * @param from where it starts
 * @param firstStep the number of its first step, from 0
 * @param deal who trains on which blocks
 * @param sending the fragments that are exchanged of the round before while this one trains; none if its exchange is done
 * @param fresh the workers whose optimizer starts with an empty state, as they have none of this version
 */
public record RoundPlan(Milestone from, long firstStep, Deal deal, Set<Integer> sending, Set<Integer> fresh) {

    /** The version of the parameters that it makes. */
    public long nextVersion() {
        return from.round() + 1;
    }
}
