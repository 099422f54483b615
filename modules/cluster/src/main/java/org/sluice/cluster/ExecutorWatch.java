package org.sluice.cluster;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/**
 * Ends the jobs of a generation of workers as soon as one of their executors is lost.
 *
 * <p>Spark would start the lost worker's task again, but not yet: the task waits for its executor as long as {@link LocalityWait} says, even
 * for one that is gone, while another one of the same stage lives. And there is nothing to wait for, as the worker's state is gone with
 * its executor.
 */
final class ExecutorWatch extends SparkListener implements AutoCloseable {
    private final JavaSparkContext context;
    private final Map<String, String> lost = new HashMap<>();
    private final Set<String> guarded = new HashSet<>();
    private String jobGroup;

    ExecutorWatch(JavaSparkContext context) {
        this.context = context;
        context.sc().addSparkListener(this);
    }

    /** From now on the jobs of a group need these executors; those of an earlier generation are forgotten. */
    synchronized void guard(String group, List<WorkerPlacement> placements) {
        jobGroup = group;
        guarded.clear();
        add(placements);
    }

    /** The jobs of the group need these executors too. */
    synchronized void add(List<WorkerPlacement> placements) {
        placements.forEach(placement -> guarded.add(placement.executor()));
        guarded.stream()
                .filter(lost::containsKey)
                .findFirst()
                .ifPresent(executor -> cancel(executor, lost.get(executor)));
    }

    /** The executors that were lost since the watch began. */
    synchronized Set<String> lost() {
        return Set.copyOf(lost.keySet());
    }

    @Override
    public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
        lost.put(removed.executorId(), removed.reason());
        if (guarded.contains(removed.executorId())) {
            cancel(removed.executorId(), removed.reason());
        }
    }

    /** Also what is submitted in the group after this: the loss may come to be known between two jobs. */
    private void cancel(String executor, String reason) {
        context.sc().cancelJobGroupAndFutureJobs(jobGroup, "executor " + executor + " was lost: " + reason);
    }

    @Override
    public void close() {
        context.sc().removeSparkListener(this);
    }
}
