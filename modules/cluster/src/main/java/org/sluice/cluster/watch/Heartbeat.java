package org.sluice.cluster.watch;

import java.io.Serializable;

/**
 * What a worker is doing at a moment. It travels from its executor to the driver.
 *
 * @param run tells this training from all others of the session
 * @param variant what is trained
 * @param worker its number, from 0
 * @param executor Spark's name of the executor that it lives in
 * @param host that executor's host
 * @param training whether it is in its local steps; otherwise it waits, or takes part in an exchange
 * @param round that it is in, or was in last, from 1; 0 before the first
 * @param step the steps of the training that are done with its last one
 * @param loss of its last step, the mean over its own targets, nats; NaN before the first
 * @param gradientNorm of its last step; NaN before the first
 * @param stepSeconds the time of its last step; NaN before the first
 * @param tokensPerSecond of its last step; NaN before the first
 * @param tokens the positions of all its steps
 * @param receiveSeconds the time that it waited for parameters, in all rounds
 * @param receivedBytes the bytes of parameters that it took, in all rounds
 * @param offHeapBytes that its tensors and its backend hold outside the Java heap
 * @param secondsSinceChange the time since it began or ended a step
 */
public record Heartbeat(
        String run,
        String variant,
        int worker,
        String executor,
        String host,
        boolean training,
        long round,
        long step,
        double loss,
        double gradientNorm,
        double stepSeconds,
        double tokensPerSecond,
        long tokens,
        double receiveSeconds,
        long receivedBytes,
        long offHeapBytes,
        double secondsSinceChange)
        implements Serializable {}
