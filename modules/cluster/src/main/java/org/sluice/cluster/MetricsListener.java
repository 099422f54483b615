package org.sluice.cluster;

import org.sluice.cluster.watch.RunMetric;
import org.sluice.cluster.watch.RunWatch;

/** Puts what happens in a training into the metrics of the driver. */
final class MetricsListener implements TrainingListener {
    private final RunWatch watch;
    private long tokensOfRound;

    MetricsListener(RunWatch watch) {
        this.watch = watch;
    }

    @Override
    public void started(Start start) {
        watch.set(RunMetric.ROUND, start.from().round());
        watch.set(RunMetric.STEP, start.from().step());
        watch.set(RunMetric.TOKENS, start.from().tokens());
        watch.set(RunMetric.STEPS, start.steps());
        watch.set(RunMetric.WORKERS, start.executors().size());
    }

    @Override
    public void step(Step step) {
        watch.set(RunMetric.STEP, step.step());
        watch.set(RunMetric.LOSS, step.loss());
        watch.set(RunMetric.GRADIENT_NORM, step.gradientNorm());
        watch.set(RunMetric.LEARNING_RATE, step.learningRate());
        watch.set(RunMetric.TOKENS, step.tokens());
    }

    @Override
    public void workers(WorkerTimes times) {
        tokensOfRound = times.workers().stream().mapToLong(WorkerTime::tokens).sum();
        double[] seconds = times.workers().stream()
                .mapToDouble(WorkerTime::trainSeconds)
                .sorted()
                .toArray();
        double median = (seconds[(seconds.length - 1) / 2] + seconds[seconds.length / 2]) / 2;
        watch.set(RunMetric.SLOWEST_TO_MEDIAN, seconds[seconds.length - 1] / median);
    }

    @Override
    public void round(Round round) {
        watch.set(RunMetric.ROUND, round.round());
        watch.set(RunMetric.WORKERS, round.workers());
        watch.set(RunMetric.COMPUTE_SECONDS, round.computeSeconds());
        watch.set(RunMetric.EXCHANGE_SECONDS, round.exchangeSeconds());
        watch.set(RunMetric.EXCHANGE_BYTES, round.bytes());
        watch.add(RunMetric.EXCHANGED_BYTES, round.bytes());
        watch.set(RunMetric.TOKENS_PER_SECOND, tokensOfRound / (round.computeSeconds() + round.exchangeSeconds()));
    }

    @Override
    public void uncounted(Uncounted uncounted) {
        watch.add(RunMetric.UNCOUNTED, 1);
    }

    @Override
    public void checkpoint(Checkpoint checkpoint) {
        watch.add(RunMetric.CHECKPOINTS, 1);
        watch.set(RunMetric.CHECKPOINT_SECONDS, checkpoint.seconds());
        watch.set(RunMetric.CHECKPOINT_WAITED_SECONDS, checkpoint.waitedSeconds());
        watch.set(RunMetric.CHECKPOINT_BYTES, checkpoint.bytes());
    }

    @Override
    public void checkpointFailed(CheckpointFailure failure) {
        watch.add(RunMetric.CHECKPOINT_FAILURES, 1);
    }

    @Override
    public void recovery(Recovery recovery) {
        watch.add(RunMetric.RECOVERIES, 1);
        watch.set(RunMetric.ROUND, recovery.backTo().round());
        watch.set(RunMetric.STEP, recovery.backTo().step());
        watch.set(RunMetric.TOKENS, recovery.backTo().tokens());
    }
}
