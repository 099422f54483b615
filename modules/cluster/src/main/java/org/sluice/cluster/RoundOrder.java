package org.sluice.cluster;

import java.io.Serializable;

/**
 * What all workers are to do in one round. It travels with the task.
 *
 * @param run the run that the workers belong to, unique in the cluster
 * @param generation counts how often the run was set back to a checkpoint; workers of an earlier generation are stale
 * @param version the version of the parameters to start from; the round makes the next one
 * @param firstStep the number of the first local step, from 0
 * @param localSteps the local steps to do
 * @param restore where a worker that has no state may take it from
 */
record RoundOrder(String run, int generation, long version, long firstStep, int localSteps, RestorePoint restore)
        implements Serializable {

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
