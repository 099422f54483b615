package org.sluice.experiments.planning;

import org.sluice.cluster.ClusterConfig;
import org.sluice.cluster.TrainingPlan;
import org.sluice.model.FlopsPerToken;
import org.sluice.tensor.DType;
import org.sluice.training.TrainingConfig;

/**
 * How long one step takes the worker with the most blocks of it.
 *
 * @param blocks that it has
 * @param passes the micro-batches that they are trained in
 * @param microBatch the sequences of each, padding included
 * @param flopsPerToken forward and backward
 * @param counted whether a forward pass over all blocks counts the experts' shares first
 * @param rate 10^12 operations a second
 * @param computeSeconds of all micro-batches
 * @param optimizerSeconds of clearing and measuring the gradients and updating the parameters
 */
public record StepTime(
        int blocks,
        int passes,
        int microBatch,
        long flopsPerToken,
        boolean counted,
        double rate,
        double computeSeconds,
        double optimizerSeconds) {
    /** A forward pass takes a third of forward and backward. */
    private static final double COUNTING = 1.0 / 3;

    /** Gradients are cleared (once written) and their squares summed (once read). */
    private static final int GRADIENT_PASSES = 2;

    /** Parameters and both moments are read and written, gradients read. */
    private static final int ADAMW_PASSES = 7;

    /** Parameters are read and written, gradients read. */
    private static final int SGD_PASSES = 3;

    static StepTime of(TrainingPlan plan, int blockLength, ClusterDescription cluster) {
        ClusterConfig settings = plan.cluster();
        int blocks = settings.largestShare();
        TrainingConfig training = plan.training().fittedTo(blocks);
        int passes = (blocks + training.microBatch() - 1) / training.microBatch();
        boolean counted = training.hasRouterLosses(plan.model())
                && (passes > 1 || (settings.localSteps() == 1 && settings.workers() > 1));
        long flops = FlopsPerToken.of(plan.model(), blockLength).total();
        double rate = cluster.rate()
                .orElse(cluster.kind()
                        .rate(settings.precision(), plan.model().mixture().isPresent(), cluster.cores()));
        double tokens = (double) passes * training.microBatch() * blockLength;
        double compute = tokens * flops * (counted ? 1 + COUNTING : 1) / (rate * 1e12);
        int update = training.optimizer().equals(TrainingConfig.ADAMW) ? ADAMW_PASSES : SGD_PASSES;
        double bytes = (double) plan.model().parameters() * DType.FLOAT32.bytes() * (GRADIENT_PASSES + update);
        return new StepTime(
                blocks,
                passes,
                training.microBatch(),
                flops,
                counted,
                rate,
                compute,
                bytes / (cluster.kind().bandwidth(cluster.cores()) * 1e9));
    }

    /** All of it. */
    public double seconds() {
        return computeSeconds + optimizerSeconds;
    }
}
