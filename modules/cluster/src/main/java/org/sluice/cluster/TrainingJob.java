package org.sluice.cluster;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.sluice.cluster.control.Outcome;
import scala.Function1;
import scala.collection.Iterator;
import scala.concurrent.ExecutionContext;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/** The job of a round in which workers train: it tells of each worker as soon as it is done or lost, and can be ended before all are. */
final class TrainingJob implements AutoCloseable {
    private static final Function1<Iterator<WorkerResult>, WorkerResult> ONLY = new Only();

    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private final Map<Integer, WorkerPlacement> waitingFor = new TreeMap<>();
    private final WatchedJobs jobs;
    private final ExecutorWatch.Guard guard;
    private final SimpleFutureAction<BoxedUnit> job;

    /** What came of a worker, or of the whole job. */
    private record Message(Outcome<WorkerReport> outcome, String lostExecutor, Throwable failure) {}

    /** A partition holds one result. */
    private static final class Only extends AbstractFunction1<Iterator<WorkerResult>, WorkerResult>
            implements Serializable {
        private static final long serialVersionUID = 1;

        @Override
        public WorkerResult apply(Iterator<WorkerResult> results) {
            return results.next();
        }
    }

    /**
     * Starts the job.
     *
     * @param what it is, for Spark's pages
     */
    TrainingJob(
            JavaSparkContext context,
            ExecutorWatch watch,
            WatchedJobs jobs,
            RDD<WorkerResult> training,
            List<WorkerPlacement> crew,
            String what) {
        this.jobs = jobs;
        crew.forEach(placement -> waitingFor.put(placement.worker(), placement));
        context.setJobGroup(jobs.nextGroup(), jobs.description(what), false);
        try {
            this.job = context.sc()
                    .submitJob(
                            training,
                            ONLY,
                            ScalaInterop.indices(crew.size()),
                            (index, result) -> {
                                messages.add(message(crew.get((Integer) index).worker(), result));
                                return BoxedUnit.UNIT;
                            },
                            () -> BoxedUnit.UNIT);
        } finally {
            context.clearJobGroup();
        }
        job.onComplete(
                result -> {
                    if (result.isFailure()) {
                        messages.add(new Message(null, null, result.failed().get()));
                    }
                    return BoxedUnit.UNIT;
                },
                ExecutionContext.parasitic$.MODULE$);
        this.guard = watch.guard(
                WatchedJobs.executors(crew), (executor, reason) -> messages.add(new Message(null, executor, null)));
    }

    private static Message message(int worker, WorkerResult result) {
        Outcome<WorkerReport> outcome;
        if (result instanceof WorkerResult.Done done) {
            outcome = new Outcome.Trained<>(worker, done.report());
        } else if (result instanceof WorkerResult.NotFinite divergence) {
            outcome = new Outcome.Diverged<>(worker, divergence.failure());
        } else {
            outcome = new Outcome.Lost<>(worker, ((WorkerResult.WithoutState) result).message());
        }
        return new Message(outcome, null, null);
    }

    /**
     * Waits for what next becomes of a worker that is still waited for.
     *
     * @param seconds to wait at most; may be infinite
     * @return nothing if the time is over
     * @throws Exception what the job failed with
     */
    Optional<Outcome<WorkerReport>> await(double seconds) throws Exception {
        long end = System.nanoTime() + (long) Math.min(seconds * 1e9, Long.MAX_VALUE / 2.0);
        while (true) {
            Message message = messages.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (message == null) {
                return Optional.empty();
            }
            if (message.failure() instanceof Exception failure) {
                throw failure;
            }
            if (message.failure() != null) {
                throw new TrainingFailedException("a round was cut off: " + message.failure(), message.failure());
            }
            Optional<Outcome<WorkerReport>> outcome =
                    message.outcome() == null ? lost(message) : Optional.of(message.outcome());
            if (outcome.isPresent() && waitingFor.remove(outcome.get().worker()) != null) {
                return outcome;
            }
        }
    }

    /** The first of the workers of a lost executor; the message comes again for the others. */
    private Optional<Outcome<WorkerReport>> lost(Message message) {
        List<Integer> workers = waitingFor.values().stream()
                .filter(placement -> placement.executor().equals(message.lostExecutor()))
                .map(WorkerPlacement::worker)
                .toList();
        if (workers.isEmpty()) {
            return Optional.empty();
        }
        if (workers.size() > 1) {
            messages.add(message);
        }
        return Optional.of(new Outcome.Lost<>(workers.get(0), jobs.causeOfLoss(message.lostExecutor())));
    }

    /** Ends the job; tasks that still run are told to stop. */
    @Override
    public void close() {
        guard.close();
        if (!job.isCompleted()) {
            job.cancel();
        }
    }
}
