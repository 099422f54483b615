package org.sluice.training;

import java.io.Serializable;
import org.sluice.model.RouterSums;

/**
 * What one step did.
 *
 * @param step counted from 0
 * @param lossSum the sum of the cross-entropy (nats) over the targets, before the update
 * @param targets the positions that had a target
 * @param gradientNorm the global L2 norm of the gradient of the mean loss, before clipping
 * @param learningRate the learning rate of the update
 * @param routing what the routers did with the step's rows; without experts for a dense model
 */
public record StepResult(
        long step, double lossSum, long targets, double gradientNorm, double learningRate, RouterSums routing)
        implements Serializable {

    /** The mean cross-entropy over the targets; 0 for a step without any. */
    public double loss() {
        return targets == 0 ? 0 : lossSum / targets;
    }
}
