package org.sluice.training;

import java.io.Serializable;
import java.util.List;
import org.sluice.model.DecoderConfig;

/**
 * How a replica is trained.
 *
 * <p>{@code adamw} is AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101). {@code sgd} is plain gradient descent; it keeps no state
 * and has no weight decay, so that averaging replicas after each step equals one machine with the whole batch.
 *
 * @param optimizer {@code adamw} or {@code sgd}
 * @param learningRate the peak of the schedule, above 0
 * @param finalLearningRate the floor that the cosine falls to, from 0 to the peak
 * @param warmupSteps steps of linear warm-up, 0 to {@code steps}
 * @param steps the steps of the whole training, at least 1
 * @param beta1 decay of AdamW's first moment, in [0, 1)
 * @param beta2 decay of AdamW's second moment, in [0, 1)
 * @param epsilon AdamW's guard against division by zero, above 0
 * @param weightDecay decoupled weight decay of the parameters that are marked as decayed; 0 for {@code sgd}
 * @param gradientClip the global gradient norm above which gradients are scaled down to it; 0 for no clipping
 * @param zLossWeight weight of the squared log-sum-exp of the logits in the loss, at least 0
 * @param loadBalanceWeight weight of each layer's load-balance loss in a mixture of experts, at least 0; see
 *     {@link org.sluice.model.RouterSums}
 * @param routerZLossWeight weight of each layer's router z-loss in a mixture of experts, at least 0
 * @param microBatch the sequences that go through the model at once, at most; a step takes as many micro-batches as its blocks need
 * @param seed what the initial parameters are drawn from
 */
public record TrainingConfig(
        String optimizer,
        double learningRate,
        double finalLearningRate,
        long warmupSteps,
        long steps,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        double gradientClip,
        double zLossWeight,
        double loadBalanceWeight,
        double routerZLossWeight,
        int microBatch,
        long seed)
        implements Serializable {
    public static final String ADAMW = "adamw";
    public static final String SGD = "sgd";

    /**
     * @throws IllegalArgumentException if a value is out of its range; the message names it, its value and the range
     */
    public TrainingConfig {
        require(
                List.of(ADAMW, SGD).contains(optimizer),
                "optimizer '" + optimizer + "' is not known; it is " + ADAMW + " or " + SGD);
        require(
                Double.isFinite(learningRate) && learningRate > 0,
                "learningRate is " + learningRate + "; it must be above 0");
        require(
                finalLearningRate >= 0 && finalLearningRate <= learningRate,
                "finalLearningRate is " + finalLearningRate + "; it must be from 0 to learningRate (" + learningRate
                        + ")");
        require(steps >= 1, "steps is " + steps + "; it must be at least 1");
        require(
                warmupSteps >= 0 && warmupSteps <= steps,
                "warmupSteps is " + warmupSteps + "; it must be from 0 to steps (" + steps + ")");
        require(beta1 >= 0 && beta1 < 1, "beta1 is " + beta1 + "; it must be at least 0 and below 1");
        require(beta2 >= 0 && beta2 < 1, "beta2 is " + beta2 + "; it must be at least 0 and below 1");
        require(Double.isFinite(epsilon) && epsilon > 0, "epsilon is " + epsilon + "; it must be above 0");
        require(
                Double.isFinite(weightDecay) && weightDecay >= 0,
                "weightDecay is " + weightDecay + "; it must be at least 0");
        require(
                !optimizer.equals(SGD) || weightDecay == 0,
                "weightDecay is " + weightDecay + " with optimizer sgd, which has none; set weightDecay to 0");
        require(
                Double.isFinite(gradientClip) && gradientClip >= 0,
                "gradientClip is " + gradientClip + "; it must be above 0, or 0 for no clipping");
        require(
                Double.isFinite(zLossWeight) && zLossWeight >= 0,
                "zLossWeight is " + zLossWeight + "; it must be at least 0");
        require(
                Double.isFinite(loadBalanceWeight) && loadBalanceWeight >= 0,
                "loadBalanceWeight is " + loadBalanceWeight + "; it must be at least 0");
        require(
                Double.isFinite(routerZLossWeight) && routerZLossWeight >= 0,
                "routerZLossWeight is " + routerZLossWeight + "; it must be at least 0");
        require(microBatch >= 1, "microBatch is " + microBatch + "; it must be at least 1");
    }

    /** Whether a model has experts, and their routers losses of their own. */
    public boolean hasRouterLosses(DecoderConfig model) {
        return model.mixture().isPresent() && (loadBalanceWeight > 0 || routerZLossWeight > 0);
    }

    /**
     * The same training with another peak of the learning rate.
     *
     * @throws IllegalArgumentException if it is below the final learning rate
     */
    public TrainingConfig withLearningRate(double peak) {
        return with(peak, microBatch);
    }

    /**
     * The same training with the smallest micro-batch that takes a step's blocks in as few passes: what a micro-batch holds beside them is
     * padding, which takes as long as they do.
     *
     * @param blocks that a replica gets in a step, at most
     */
    public TrainingConfig fittedTo(int blocks) {
        int passes = (blocks + microBatch - 1) / microBatch;
        return with(learningRate, (blocks + passes - 1) / passes);
    }

    private TrainingConfig with(double peak, int sequences) {
        return new TrainingConfig(
                optimizer,
                peak,
                finalLearningRate,
                warmupSteps,
                steps,
                beta1,
                beta2,
                epsilon,
                weightDecay,
                gradientClip,
                zLossWeight,
                loadBalanceWeight,
                routerZLossWeight,
                sequences,
                seed);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException("training: " + message);
        }
    }
}
