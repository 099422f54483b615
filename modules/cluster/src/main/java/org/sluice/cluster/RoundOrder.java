package org.sluice.cluster;

import java.io.Serializable;
import java.util.Set;
import org.sluice.cluster.control.Deal;
import org.sluice.training.RoutedBatch;

/**
 * What all workers are to do in one round. It travels with the task.
 *
 * @param run the run that the workers belong to, unique in the cluster
 * @param generation counts how often the run was set back to a checkpoint; workers of an earlier generation are stale
 * @param version the version of the parameters to start from; the round makes the next one
 * @param firstStep the number of the first local step, from 0
 * @param deal who trains on which blocks
 * @param fresh the workers whose optimizer starts with an empty state
 * @param restore where another worker that has no state may take it from
 * @param sending what of the round before is sent while this one trains; where this one's contributions are asked for, what of them is sent while
 *     the next one trains; null where training stands still for the exchange
 * @param batch what all workers together route in the only local step; null where each worker's routers go by its own share of the batch
 */
record RoundOrder(
        String run,
        int generation,
        long version,
        long firstStep,
        Deal deal,
        Set<Integer> fresh,
        RestorePoint restore,
        Sending sending,
        RoutedBatch batch)
        implements Serializable {

    /** This order with what all workers together route. */
    RoundOrder with(RoutedBatch counted) {
        return new RoundOrder(run, generation, version, firstStep, deal, fresh, restore, sending, counted);
    }

    /** This order with what is sent of it while the next round trains. */
    RoundOrder with(Sending sent) {
        return new RoundOrder(run, generation, version, firstStep, deal, fresh, restore, sent, batch);
    }

    /** The version that is the current one when the round begins: the one before, while that which it starts from is made. */
    long currentVersion() {
        return sending == null ? version : version - 1;
    }

    /** The local steps to do. */
    int localSteps() {
        return deal.steps();
    }

    /**
     * Whether the round is one step of the whole batch. Then the mean of the workers' parameters, weighted by targets, is that step, for
     * experts as for all others. After more steps an expert's parameters are what the rows that it saw made of them.
     */
    boolean isOneStep() {
        return localSteps() == 1;
    }

    /** The version that the round makes. */
    long nextVersion() {
        return version + 1;
    }

    /**
     * The point that this generation of workers started from.
     *
     * @param version the version of the parameters there
     * @param checkpoint the checkpoint's folder; null for the start of training, where the optimizer's state is zero
     */
    record RestorePoint(long version, String checkpoint) implements Serializable {}
}
