package org.sluice.cluster;

import java.io.Serializable;
import java.util.List;

/**
 * How the workers' mean becomes the next version of the parameters.
 *
 * <p>{@code average}: the mean is the next version; the rate is 1 and the momentum 0. {@code nesterov} (Douillard et al. 2023, arXiv
 * 2311.08105): with {@code delta = global - mean}, {@code m = momentum * m + delta}, {@code global = global - learningRate * (delta +
 * momentum * m)}.
 *
 * @param name {@code average} or {@code nesterov}
 * @param learningRate the outer learning rate, above 0
 * @param momentum in [0, 1)
 */
public record OuterOptimizer(String name, double learningRate, double momentum) implements Serializable {
    public static final String AVERAGE = "average";
    public static final String NESTEROV = "nesterov";

    /**
     * @throws IllegalArgumentException if a value is out of its range; the message names it, its value and the range
     */
    public OuterOptimizer {
        if (!List.of(AVERAGE, NESTEROV).contains(name)) {
            throw new IllegalArgumentException(
                    "outer optimizer '" + name + "' is not known; it is " + AVERAGE + " or " + NESTEROV);
        }
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            throw new IllegalArgumentException(
                    "the outer optimizer's learningRate is " + learningRate + "; it must be above 0");
        }
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException(
                    "the outer optimizer's momentum is " + momentum + "; it must be at least 0 and below 1");
        }
        if (name.equals(AVERAGE) && (learningRate != 1 || momentum != 0)) {
            throw new IllegalArgumentException("outer optimizer average has learningRate 1 and momentum 0, not "
                    + learningRate + " and " + momentum + "; use nesterov for other values");
        }
    }

    public static OuterOptimizer average() {
        return new OuterOptimizer(AVERAGE, 1, 0);
    }

    /** The usual setting: learning rate 0.7, momentum 0.9. */
    public static OuterOptimizer nesterov() {
        return new OuterOptimizer(NESTEROV, 0.7, 0.9);
    }

    /** Whether it needs the version before, and keeps a momentum beside each. */
    boolean keepsMomentum() {
        return name.equals(NESTEROV);
    }
}
