package org.sluice.experiments.planning;

import org.sluice.cluster.ClusterConfig;
import org.sluice.cluster.Streaming;
import org.sluice.cluster.TrainingPlan;
import org.sluice.cluster.WireFormat;
import org.sluice.training.TrainingConfig;

/** The same training with other settings. */
final class ChangedSettings {
    private ChangedSettings() {}

    static TrainingPlan with(TrainingPlan from, TrainingConfig training) {
        return new TrainingPlan(
                from.variant(), from.model(), training, from.cluster(), from.dataset(), from.startFrom());
    }

    static TrainingPlan with(TrainingPlan from, ClusterConfig cluster) {
        return new TrainingPlan(
                from.variant(), from.model(), from.training(), cluster, from.dataset(), from.startFrom());
    }

    /** Another number of workers, which is fixed, and of local steps. */
    static ClusterConfig sized(ClusterConfig from, int workers, int localSteps) {
        return with(
                from,
                workers,
                workers,
                localSteps,
                from.sliceElements(),
                from.wireFormat(),
                from.asynchronousCheckpoints(),
                from.streaming());
    }

    /** Other settings that memory depends on. */
    static ClusterConfig keeping(
            ClusterConfig from, int sliceElements, WireFormat format, boolean asynchronous, Streaming streaming) {
        return with(
                from,
                from.workers(),
                from.minWorkers(),
                from.localSteps(),
                sliceElements,
                format,
                asynchronous,
                streaming);
    }

    private static ClusterConfig with(
            ClusterConfig from,
            int workers,
            int minWorkers,
            int localSteps,
            int sliceElements,
            WireFormat format,
            boolean asynchronous,
            Streaming streaming) {
        return new ClusterConfig(
                workers,
                minWorkers,
                from.blocksPerStep(),
                localSteps,
                from.innerState(),
                from.rounds(),
                from.outer(),
                from.checkpointRounds(),
                from.keepCheckpoints(),
                asynchronous,
                sliceElements,
                from.recoveries(),
                from.backend(),
                from.precision(),
                format,
                from.partialSums(),
                from.expertWeighting(),
                streaming,
                from.coresPerWorker());
    }
}
