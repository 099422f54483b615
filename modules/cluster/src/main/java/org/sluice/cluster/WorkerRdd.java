package org.sluice.cluster;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.util.LongAccumulator;

/** Work of workers from one version of the parameters: each yields one result. */
final class WorkerRdd<T> extends PinnedRdd<T> {
    private static final long serialVersionUID = 1;

    private static final int PARAMETERS = 0;
    private static final int UPDATES = 1;

    private final RoundOrder order;
    private final Participant.Finder finder;
    private final LongAccumulator receivedBytes;
    private final Work<T> work;
    private final boolean updated;

    /** What a worker does in its executor. */
    @FunctionalInterface
    interface Work<T> extends Serializable {
        /**
         * Does a worker's part; the version is read when it returns, if it is read at all.
         *
         * @param global the slices of the order's version, which are fetched as they are asked for
         * @param stopIfKilled throws if the task was killed
         */
        T of(Participant participant, RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled);
    }

    /**
     * @param global the version to start from
     * @param placements the workers that take part
     * @param receivedBytes counts what Spark says that was read of the version
     */
    WorkerRdd(
            SparkContext context,
            GlobalVersion global,
            List<WorkerPlacement> placements,
            RoundOrder order,
            Participant.Finder finder,
            LongAccumulator receivedBytes,
            Class<? super T> type,
            Work<T> work) {
        super(context, dependencies(global), placements, type);
        this.order = order;
        this.finder = finder;
        this.receivedBytes = receivedBytes;
        this.work = work;
        this.updated = global.updates() != null;
    }

    private static List<Dependency<?>> dependencies(GlobalVersion global) {
        List<Dependency<?>> dependencies = new ArrayList<>(List.of(ScalaInterop.onAllPartitions(global.parameters())));
        if (global.updates() != null) {
            dependencies.add(ScalaInterop.onAllPartitions(global.updates()));
        }
        return dependencies;
    }

    @Override
    Iterator<T> work(int worker, int rank, TaskContext context) {
        Participant participant = finder.find(order, worker);
        boolean update = updated && participant.takesUpdate(order.version());
        T result = work.of(
                participant,
                order,
                slices(update ? UPDATES : PARAMETERS, rank, context),
                context::killTaskIfInterrupted);
        receivedBytes.add(context.taskMetrics().inputMetrics().bytesRead());
        return List.of(result).iterator();
    }

    /** Each worker starts at another partition, so that they do not all ask the same executor at once. */
    private Iterator<GlobalSlice> slices(int dependency, int rank, TaskContext context) {
        RDD<GlobalSlice> parent = parent(dependency);
        List<Partition> partitions = Arrays.asList(parent.partitions().clone());
        Collections.rotate(partitions, -(int) ((long) rank * partitions.size() / workers()));
        return partitions.stream()
                .flatMap(partition -> ScalaInterop.stream(parent.iterator(partition, context)))
                .iterator();
    }

    @SuppressWarnings("unchecked")
    private RDD<GlobalSlice> parent(int dependency) {
        return (RDD<GlobalSlice>) dependencies().apply(dependency).rdd();
    }
}
