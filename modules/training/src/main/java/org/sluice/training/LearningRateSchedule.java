package org.sluice.training;

/**
 * Linear warm-up to the peak, then a cosine down to the floor.
 *
 * <p>With {@code t = step + 1}, the number of the step from 1: {@code peak * t / warmupSteps} while {@code t <= warmupSteps}, then
 * {@code floor + (peak - floor) * (1 + cos(pi * (t - warmupSteps) / (steps - warmupSteps))) / 2}. The last step of the warm-up runs
 * at the peak, the last step of all at the floor, and so does any step after it.
 */
public final class LearningRateSchedule {
    private final double peak;
    private final double floor;
    private final long warmupSteps;
    private final long steps;

    public LearningRateSchedule(TrainingConfig config) {
        this.peak = config.learningRate();
        this.floor = config.finalLearningRate();
        this.warmupSteps = config.warmupSteps();
        this.steps = config.steps();
    }

    /**
     * The learning rate of a step.
     *
     * @param step counted from 0
     */
    public double at(long step) {
        long number = step + 1;
        if (number <= warmupSteps) {
            return peak * number / warmupSteps;
        }
        if (number >= steps) {
            return floor;
        }
        double progress = (double) (number - warmupSteps) / (steps - warmupSteps);
        // StrictMath: the same bits on every machine of a cluster.
        return floor + (peak - floor) * (1 + StrictMath.cos(Math.PI * progress)) / 2;
    }
}
