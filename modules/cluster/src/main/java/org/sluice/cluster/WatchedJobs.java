package org.sluice.cluster;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.sluice.cluster.control.FleetException;

/**
 * The jobs of a training: each ends as soon as one of the executors that it needs is lost, as Spark would wait for that one; and of a failure
 * it is told what lies behind it.
 */
final class WatchedJobs {
    private final JavaSparkContext context;
    private final ExecutorWatch watch;
    private final String variant;
    private final String run;
    private int jobs;
    private long round;

    WatchedJobs(JavaSparkContext context, ExecutorWatch watch, String variant, String run) {
        this.context = context;
        this.watch = watch;
        this.variant = variant;
        this.run = run;
    }

    /** The jobs from now on belong to a round, from 1. */
    void inRound(long number) {
        round = number;
    }

    /** A name for the group of one job, which can then be cancelled alone. */
    String nextGroup() {
        return run + "-" + jobs++;
    }

    /** What a user of Spark's pages sees of a job. */
    String description(String what) {
        return variant + ": " + what;
    }

    static Set<String> executors(List<WorkerPlacement> placements) {
        return placements.stream().map(WorkerPlacement::executor).collect(Collectors.toSet());
    }

    /**
     * Does a job.
     *
     * @param needed whose executors it needs
     * @throws FleetException if it fails in a way that a checkpoint helps against
     */
    <T> T run(String what, List<WorkerPlacement> needed, Supplier<T> job) {
        String group = nextGroup();
        context.setJobGroup(group, description(what), false);
        try (ExecutorWatch.Guard guard = watch.guard(executors(needed), (executor, reason) -> context.sc()
                .cancelJobGroupAndFutureJobs(group, "executor " + executor + " was lost: " + reason))) {
            return job.get();
        } catch (Exception failure) {
            throw failure(failure);
        } finally {
            context.clearJobGroup();
        }
    }

    /** Why an executor was lost, in one line. */
    String causeOfLoss(String executor) {
        return watch.death(executor, round).sentence();
    }

    /** What to throw: what a checkpoint helps against, or what would happen again. */
    RuntimeException failure(Exception thrown) {
        ClusterFailure failure = new ClusterFailure(thrown, watch.deathsBehind(thrown, round));
        if (failure.certainAgain().isPresent() && failure.isOfAJob()) {
            return failure.certainAgain().get();
        }
        if (failure.isOfAJob() && !context.sc().isStopped()) {
            return new FleetException(failure.summary(), thrown);
        }
        return thrown instanceof RuntimeException unchecked
                ? unchecked
                : new TrainingFailedException(
                        "training of '" + variant + "' was cut off: " + thrown.getMessage(), thrown);
    }
}
