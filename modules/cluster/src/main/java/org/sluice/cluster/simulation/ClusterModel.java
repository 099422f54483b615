package org.sluice.cluster.simulation;

/**
 * How long things take on a simulated cluster, in seconds. Every worker has an executor, and every executor a host of its own.
 *
 * @param executors how many the cluster gives
 * @param stepSeconds one step of a worker
 * @param jitter the standard deviation of the logarithm of a worker's time in a round
 * @param exchangeSeconds from the last worker's end to the next version at all workers
 * @param loadSeconds until the workers of a new generation have the parameters of a checkpoint
 * @param checkpointSeconds until a checkpoint that is written beside training is whole
 */
public record ClusterModel(
        int executors,
        double stepSeconds,
        double jitter,
        double exchangeSeconds,
        double loadSeconds,
        double checkpointSeconds) {}
