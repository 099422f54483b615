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
 * @param learningRate the outer learning rate, above 0; the first one, where it has a schedule
 * @param momentum in [0, 1)
 * @param schedule how the learning rate goes over training: {@code constant}, {@code linear} or {@code cosine}
 * @param finalLearningRate the learning rate of the last round, at least 0; with {@code constant} the same as the first
 */
public record OuterOptimizer(
        String name, double learningRate, double momentum, String schedule, double finalLearningRate)
        implements Serializable {
    public static final String AVERAGE = "average";
    public static final String NESTEROV = "nesterov";
    public static final String CONSTANT = "constant";
    public static final String LINEAR = "linear";
    public static final String COSINE = "cosine";

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
        requireSchedule(name, schedule, learningRate, finalLearningRate);
    }

    private static void requireSchedule(String name, String schedule, double first, double last) {
        if (!List.of(CONSTANT, LINEAR, COSINE).contains(schedule)) {
            throw new IllegalArgumentException("the outer optimizer's schedule '" + schedule + "' is not known; it is "
                    + CONSTANT + ", " + LINEAR + " or " + COSINE);
        }
        if (!(last >= 0) || Double.isInfinite(last)) {
            throw new IllegalArgumentException(
                    "the outer optimizer's finalLearningRate is " + last + "; it must be at least 0");
        }
        if (schedule.equals(CONSTANT) && last != first) {
            throw new IllegalArgumentException("the outer optimizer's finalLearningRate is " + last
                    + ", but its learningRate of " + first + " is constant; set its schedule to " + LINEAR + " or "
                    + COSINE + ", or leave finalLearningRate out");
        }
        if (name.equals(AVERAGE) && !schedule.equals(CONSTANT)) {
            throw new IllegalArgumentException("the outer optimizer's schedule is " + schedule
                    + ", but average always has learningRate 1; use nesterov for other values");
        }
    }

    /** One whose learning rate stays as it is. */
    public OuterOptimizer(String name, double learningRate, double momentum) {
        this(name, learningRate, momentum, CONSTANT, learningRate);
    }

    public static OuterOptimizer average() {
        return new OuterOptimizer(AVERAGE, 1, 0);
    }

    /** The usual setting: learning rate 0.7, momentum 0.9. */
    public static OuterOptimizer nesterov() {
        return new OuterOptimizer(NESTEROV, 0.7, 0.9);
    }

    /** Whether it needs the version before, and keeps a momentum beside each. */
    public boolean keepsMomentum() {
        return name.equals(NESTEROV);
    }

    /**
     * The learning rate of a round. With {@code p} the part of all steps that is done when the round ends: {@code linear} goes from first to
     * final rate in proportion to {@code p}, {@code cosine} by {@code (1 - cos(pi * p)) / 2}.
     *
     * @param stepsDone the steps that are done when the round ends
     * @param steps all steps of the training
     */
    double rate(long stepsDone, long steps) {
        double done = Math.min(1, (double) stepsDone / steps);
        return switch (schedule) {
            case CONSTANT -> learningRate;
            case LINEAR -> finalLearningRate + (learningRate - finalLearningRate) * (1 - done);
            // StrictMath: the same bits on every machine.
            default ->
                finalLearningRate + (learningRate - finalLearningRate) * (1 + StrictMath.cos(Math.PI * done)) / 2;
        };
    }
}
