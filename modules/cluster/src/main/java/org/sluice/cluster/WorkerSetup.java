package org.sluice.cluster;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What an executor needs to make a worker. It travels with the task.
 *
 * @param cores of each worker's backend
 */
record WorkerSetup(
        TrainingPlan plan,
        SliceLayout layout,
        BlockSource blocks,
        int cores,
        Broadcast<SerializableConfiguration> hadoopConfiguration)
        implements Participant.Finder {

    Configuration hadoop() {
        return hadoopConfiguration.value().value();
    }

    @Override
    public Worker find(RoundOrder order, int worker) {
        return WorkerRegistry.find(order, worker, this);
    }
}
