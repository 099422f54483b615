package org.sluice.experiments.planning;

import java.util.List;
import org.sluice.cluster.TrainingPlan;

/**
 * What a training of one variant will take.
 *
 * @param training the settings
 * @param blockLength the positions of a block
 * @param cluster what it runs on
 * @param memory of a worker
 * @param step one step
 * @param exchange one exchange
 * @param checkpoint one checkpoint
 * @param course the whole of it
 * @param problems why it does not fit, or does not get to its end, in sentences; empty if it does
 * @param changes what to do about them
 */
public record Plan(
        TrainingPlan training,
        int blockLength,
        ClusterDescription cluster,
        MemoryPlan memory,
        StepTime step,
        ExchangeTime exchange,
        CheckpointTime checkpoint,
        Course course,
        List<String> problems,
        List<String> changes) {
    private static final double SECONDS_PER_DAY = 86_400;
    private static final double SECONDS_PER_HOUR = 3600;

    /** Plans a training. */
    public static Plan of(TrainingPlan training, int blockLength, ClusterDescription cluster) {
        MemoryPlan memory = MemoryPlan.of(training, blockLength, cluster);
        StepTime step = StepTime.of(training, blockLength, cluster);
        ExchangeTime exchange = ExchangeTime.of(training, cluster);
        CheckpointTime checkpoint = CheckpointTime.of(training, cluster);
        Course course = Course.of(
                training.cluster().shape(training.training().steps()), cluster, step.seconds(), exchange, checkpoint);
        Verdict verdict = Verdict.of(training, blockLength, cluster, memory, course);
        return new Plan(
                training,
                blockLength,
                cluster,
                memory,
                step,
                exchange,
                checkpoint,
                course,
                verdict.problems(),
                verdict.changes());
    }

    /** Whether nothing speaks against it. */
    public boolean fits() {
        return problems.isEmpty();
    }

    /** What each executor must have, which runs all workers of a host. */
    public ExecutorSize executor() {
        return ExecutorSize.of(
                memory,
                cluster.workersTogether(training.cluster()),
                cluster.cores(),
                training.cluster().streaming().overlap());
    }

    /** The positions of the whole training. */
    public long tokens() {
        return training.training().steps() * training.cluster().blocksPerStep() * blockLength;
    }

    /** The floating-point operations of the whole training, as a model's arithmetic is told. */
    public double flops() {
        return (double) tokens() * step.flopsPerToken();
    }

    /** The days of the whole training, faults included; infinite if it does not get to its end. */
    public double days() {
        return course.seconds() / SECONDS_PER_DAY;
    }

    /** The positions of a mean day; 0 if it does not get to its end. */
    public double tokensPerDay() {
        return tokens() / days();
    }

    /** One round without its exchange: its slowest worker's time. */
    public double trainSeconds() {
        return training.cluster().localSteps() * step.seconds() * course.slowest();
    }

    /** The share of a round that is not waiting for the exchange. */
    public double roundEfficiency() {
        double train = trainSeconds();
        return train / (train + exchange.waitedSeconds(train));
    }

    /** The hours of all workers that the cluster is paid for. */
    public double workerHours() {
        return course.seconds() / SECONDS_PER_HOUR * (training.cluster().workers() + cluster.spares());
    }

    /** At the given price, in its currency. */
    public double cost() {
        return workerHours() * cluster.price();
    }
}
