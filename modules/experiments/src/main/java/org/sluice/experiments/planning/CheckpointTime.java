package org.sluice.experiments.planning;

import org.sluice.cluster.ClusterConfig;
import org.sluice.cluster.InnerState;
import org.sluice.cluster.TrainingPlan;
import org.sluice.tensor.DType;
import org.sluice.training.Replica;

/**
 * What a checkpoint takes on the disk, and how long it takes to write and to go back to.
 *
 * @param modelBytes the parameters
 * @param ownerBytes outer momentum, rounding of updates, averaged moments
 * @param workerBytes the state of one worker
 * @param bytes of all files
 * @param keptBytes of the checkpoints that are there at once, with the one that is being written
 * @param seconds to write it, beside training or while it stands still
 * @param loadSeconds until all workers have the parameters and their states
 */
public record CheckpointTime(
        long modelBytes,
        long ownerBytes,
        long workerBytes,
        long bytes,
        long keptBytes,
        double seconds,
        double loadSeconds) {

    static CheckpointTime of(TrainingPlan plan, ClusterDescription cluster) {
        ClusterConfig settings = plan.cluster();
        long flat = plan.model().parameters() * DType.FLOAT32.bytes();
        int moments = Replica.optimizerStateNames(plan.training()).size();
        boolean changes = settings.wireFormat().keepsResiduals();
        long owners = ((settings.outer().keepsMomentum() ? 1 : 0)
                        + (changes ? 1 : 0)
                        + (settings.innerState() == InnerState.AVERAGED ? moments : 0))
                * flat;
        boolean keptByWorkers = settings.innerState() == InnerState.LOCAL || changes;
        long worker = keptByWorkers ? (moments + (changes ? 1 : 0)) * flat : 0;
        long bytes = flat + owners + worker * settings.workers();
        int perHost = cluster.workersTogether(settings);
        int hosts = (settings.workers() + perHost - 1) / perHost;
        double shared = (double) (flat + owners) / hosts;
        double ofHost = shared + (double) worker * perHost;
        return new CheckpointTime(
                flat,
                owners,
                worker,
                bytes,
                bytes * (settings.keepCheckpoints() + 1L),
                ofHost / cluster.storageBytes(),
                // Workers read their states, owners their slices, which then go to all workers.
                ofHost / cluster.storageBytes() + (double) flat * perHost / cluster.networkBytes());
    }
}
