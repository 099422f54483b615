package org.sluice.experiments.planning;

import java.util.OptionalDouble;
import org.sluice.cluster.ClusterConfig;

/**
 * A cluster to plan for. All of its hosts are alike.
 *
 * @param workersPerHost workers on a host; those of one host share its network, its storage and one executor
 * @param hosts how many there are
 * @param cores of each worker
 * @param memoryBytes of each worker: of its GPU, or its share of the host's
 * @param hostMemoryBytes the share of the host's memory that a worker on a GPU has beside that; 0 without GPUs
 * @param network of a host, 10^9 bits a second in each direction
 * @param storage what a host can write to or read from the run's folder, 10^9 bytes a second
 * @param rate of a worker's training step, 10^12 operations a second; without it that of the kind
 * @param price of a worker's hour
 * @param faultHours the mean time that one worker runs without a fault; 0 for no faults
 * @param repairMinutes the mean time until another executor is in the place of a dead one
 * @param spares workers that the cluster has room for beyond those that train
 */
public record ClusterDescription(
        WorkerKind kind,
        int workersPerHost,
        int hosts,
        int cores,
        long memoryBytes,
        long hostMemoryBytes,
        double network,
        double storage,
        OptionalDouble rate,
        double price,
        double faultHours,
        double repairMinutes,
        int spares) {
    /** Llama 3: 419 unexpected interruptions in 54 days on 16,384 GPUs (arXiv 2407.21783). */
    public static final double FAULT_HOURS_OF_LLAMA_3 = 54.0 * 24 * 16_384 / 419;

    /** The same hosts with another network. */
    ClusterDescription withNetwork(double other) {
        return new ClusterDescription(
                kind,
                workersPerHost,
                hosts,
                cores,
                memoryBytes,
                hostMemoryBytes,
                other,
                storage,
                rate,
                price,
                faultHours,
                repairMinutes,
                spares);
    }

    /** The workers of a host that has as many of a training as it can. */
    int workersTogether(ClusterConfig training) {
        return Math.min(workersPerHost, training.workers());
    }

    /** The bytes that all workers of a host may send in a second, and as many that they may receive. */
    double networkBytes() {
        return network * 1e9 / 8;
    }

    /** What a host can write or read in a second: no more than its network carries. */
    double storageBytes() {
        return Math.min(storage * 1e9, networkBytes());
    }
}
