package org.sluice.cluster;

import java.io.Serializable;
import java.util.List;
import org.sluice.model.ExpertCounts;
import org.sluice.training.StepResult;

/**
 * What one worker did in one round.
 *
 * @param worker its number
 * @param executor the Spark executor that it lives in
 * @param host that executor's host
 * @param steps its local steps in order
 * @param receiveSeconds the time to fetch the global parameters
 * @param trainSeconds the time of the local steps, reading blocks and counting experts included
 */
record WorkerReport(
        int worker, String executor, String host, List<LocalStep> steps, double receiveSeconds, double trainSeconds)
        implements Serializable {

    /**
     * One local step.
     *
     * @param tokens the positions that went through the model
     * @param seconds the time from the request for blocks to the update, counting experts included
     */
    record LocalStep(StepResult result, long tokens, double seconds) implements Serializable {}

    /** The targets trained on: the worker's weight in the average. */
    long targets() {
        return steps.stream().mapToLong(step -> step.result().targets()).sum();
    }

    /** The rows that each expert was given: the worker's weight in the average of that expert. */
    ExpertCounts experts() {
        return steps.stream()
                .map(step -> step.result().routing().counts())
                .reduce(ExpertCounts::plus)
                .orElseThrow();
    }
}
