package org.sluice.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/**
 * Tells whoever needs an executor as soon as it is lost, and knows why it was.
 *
 * <p>Spark would start a lost worker's task again, but not yet: the task waits for its executor as long as {@link LocalityWait} says, even
 * for one that is gone, while another one of the same stage lives. And there is nothing to wait for, as the worker's state is gone with
 * its executor.
 */
final class ExecutorWatch extends SparkListener implements AutoCloseable {
    /** Spark itself may wait 5 seconds for an executor's exit code ({@code spark.standalone.executorRemoveDelayOnDisconnection}). */
    private static final Duration NEWS = Duration.ofSeconds(10);

    private final JavaSparkContext context;
    private final EvidenceRegister evidence = new EvidenceRegister();
    private final Map<String, String> lost = new HashMap<>();
    private final Map<String, Integer> running = new HashMap<>();
    private final Map<String, Long> signs = new HashMap<>();
    private final List<Guard> guards = new ArrayList<>();

    ExecutorWatch(JavaSparkContext context) {
        this.context = context;
        context.sc().addSparkListener(this);
    }

    /** Somebody's need of executors, until it is closed. */
    final class Guard implements AutoCloseable {
        private final Set<String> executors;
        private final BiConsumer<String, String> onLoss;

        private Guard(Set<String> executors, BiConsumer<String, String> onLoss) {
            this.executors = executors;
            this.onLoss = onLoss;
        }

        private void tell(String executor, String reason) {
            if (executors.contains(executor)) {
                onLoss.accept(executor, reason);
            }
        }

        @Override
        public void close() {
            synchronized (ExecutorWatch.this) {
                guards.remove(this);
            }
        }
    }

    /**
     * Calls when one of some executors is lost, at once if it is lost already.
     *
     * @param onLoss takes the executor and Spark's reason; it must be quick
     */
    synchronized Guard guard(Set<String> executors, BiConsumer<String, String> onLoss) {
        evidence.need(executors);
        Guard guard = new Guard(Set.copyOf(executors), onLoss);
        guards.add(guard);
        lost.forEach(guard::tell);
        return guard;
    }

    /** From now on only these executors are needed: what happened to others is of no interest any more. */
    void begin(Set<String> executors) {
        evidence.begin(executors);
    }

    /**
     * The executors whose death or trouble lies behind a failure of a job, the most telling first. If the failure is an echo of a death that
     * is not known yet, waits some seconds for it to be.
     *
     * @param round the round that failed, from 1
     */
    List<ExecutorDeath> deathsBehind(Exception thrown, long round) {
        boolean mayBeToldMore = thrown instanceof SparkException
                && !context.isLocal()
                && !context.sc().isStopped();
        List<ExecutorEvidence> found = evidence.behind(new FailureChain(thrown), mayBeToldMore ? NEWS : Duration.ZERO);
        Inquest inquest = new Inquest(context);
        return found.stream().map(known -> inquest.death(known, round)).toList();
    }

    /**
     * Why an executor was lost that {@link #guard} has told of.
     *
     * @param round the round that was under way, from 1
     */
    ExecutorDeath death(String executor, long round) {
        ExecutorEvidence known = evidence.of(executor)
                .orElseGet(() -> new ExecutorEvidence(executor, true, RemovalReason.diagnose(reason(executor))));
        return new Inquest(context).death(known, round);
    }

    private synchronized String reason(String executor) {
        return lost.getOrDefault(executor, "");
    }

    /** The executors that were lost since the watch began. */
    synchronized Set<String> lost() {
        return Set.copyOf(lost.keySet());
    }

    /** Those of some executors that still run a task. */
    synchronized Set<String> busy(Set<String> executors) {
        Set<String> busy = new HashSet<>(executors);
        busy.removeIf(executor -> running.getOrDefault(executor, 0) == 0);
        return busy;
    }

    /**
     * Waits until each of some executors has given a sign of life, or is lost, or the time is over.
     *
     * @param limit for the first sign; executors give one every {@code spark.executor.heartbeatInterval}
     * @return those that gave none and are not lost
     */
    synchronized Set<String> silent(Set<String> executors, Duration limit) {
        long begin = System.nanoTime();
        return await(
                executors,
                executor -> !lost.containsKey(executor) && signs.getOrDefault(executor, begin - 1) - begin < 0,
                limit);
    }

    /** Waits until some executors are lost or the time is over. */
    synchronized void awaitLoss(Set<String> executors, Duration limit) {
        await(executors, executor -> !lost.containsKey(executor), limit);
    }

    /** Waits until a condition holds for none of some executors, or the time is over; returns those for which it does. */
    private Set<String> await(Set<String> executors, Predicate<String> condition, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        Set<String> waiting = new HashSet<>(executors);
        while (true) {
            waiting.removeIf(condition.negate());
            long left = end - System.nanoTime();
            if (waiting.isEmpty() || left <= 0) {
                return waiting;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new TrainingFailedException("the wait for executors was interrupted", interrupted);
            }
        }
    }

    @Override
    public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate heartbeat) {
        signs.put(heartbeat.execId(), System.nanoTime());
        notifyAll();
    }

    @Override
    public synchronized void onTaskStart(SparkListenerTaskStart started) {
        running.merge(started.taskInfo().executorId(), 1, Integer::sum);
    }

    /** Spark tells of an exception that ends an executor before it tells of the executor's end. */
    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
        String executor = end.taskInfo().executorId();
        running.computeIfPresent(executor, (same, tasks) -> tasks > 1 ? tasks - 1 : null);
        if (end.reason() instanceof ExceptionFailure failure) {
            ExceptionSigns.in(failure).ifPresent(sign -> evidence.add(new ExecutorEvidence(executor, false, sign)));
        } else if (end.reason() instanceof ExecutorLostFailure failure
                && failure.reason().isDefined()) {
            evidence.add(new ExecutorEvidence(
                    failure.execId(),
                    false,
                    RemovalReason.diagnose(failure.reason().get())));
        }
    }

    @Override
    public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
        evidence.add(new ExecutorEvidence(removed.executorId(), true, RemovalReason.diagnose(removed.reason())));
        lost.put(removed.executorId(), removed.reason());
        running.remove(removed.executorId());
        notifyAll();
        List.copyOf(guards).forEach(guard -> guard.tell(removed.executorId(), removed.reason()));
    }

    @Override
    public void close() {
        context.sc().removeSparkListener(this);
    }
}
