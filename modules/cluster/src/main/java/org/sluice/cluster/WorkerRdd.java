package org.sluice.cluster;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.util.LongAccumulator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Work of all workers from one version of the parameters: one partition a worker, which runs in the worker's executor. */
abstract class WorkerRdd<T> extends RDD<T> {
    private static final long serialVersionUID = 1;
    private static final int PARAMETERS = 0;
    private static final int UPDATES = 1;

    private final List<WorkerPlacement> placements;
    private final RoundOrder order;
    private final Participant.Finder finder;
    private final LongAccumulator receivedBytes;
    private final boolean updated;

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
            Class<? super T> type) {
        super(context, ScalaInterop.dependencies(dependencies(global)), ScalaInterop.classTag(type));
        this.placements = List.copyOf(placements);
        this.order = order;
        this.finder = finder;
        this.receivedBytes = receivedBytes;
        this.updated = global.updates() != null;
    }

    private static List<Dependency<?>> dependencies(GlobalVersion global) {
        List<Dependency<?>> dependencies = new ArrayList<>(List.of(ScalaInterop.onAllPartitions(global.parameters())));
        if (global.updates() != null) {
            dependencies.add(ScalaInterop.onAllPartitions(global.updates()));
        }
        return dependencies;
    }

    /**
     * Does a worker's part; the version is read when it returns, if it is read at all.
     *
     * @param global the slices of the order's version, which are fetched as they are asked for
     * @param stopIfKilled throws if the task was killed
     */
    abstract Iterator<T> work(
            Participant participant, RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled);

    @Override
    public Partition[] getPartitions() {
        List<Partition> parameters = List.of(parent(PARAMETERS).partitions());
        List<Partition> updates = updated ? List.of(parent(UPDATES).partitions()) : List.of();
        return IntStream.range(0, placements.size())
                .mapToObj(index -> new PinnedPartition(index, placements.get(index), parameters, updates))
                .toArray(Partition[]::new);
    }

    @Override
    public Seq<String> getPreferredLocations(Partition partition) {
        return ScalaInterop.seq(
                List.of(((PinnedPartition) partition).placement().location()));
    }

    @Override
    public scala.collection.Iterator<T> compute(Partition partition, TaskContext context) {
        PinnedPartition pinned = (PinnedPartition) partition;
        Participant participant = finder.find(order, pinned.placement().worker());
        boolean update = updated && participant.takesUpdate(order.version());
        Iterator<T> results = work(
                participant,
                order,
                update
                        ? slices(UPDATES, pinned.updates(), pinned, context)
                        : slices(PARAMETERS, pinned.parameters(), pinned, context),
                context::killTaskIfInterrupted);
        receivedBytes.add(context.taskMetrics().inputMetrics().bytesRead());
        return CollectionConverters.asScala(results);
    }

    /** Each worker starts at another partition, so that they do not all ask the same executor at once. */
    private Iterator<GlobalSlice> slices(
            int dependency, List<Partition> all, PinnedPartition pinned, TaskContext context) {
        List<Partition> partitions = new ArrayList<>(all);
        int worker = pinned.placement().worker();
        Collections.rotate(partitions, -(int) ((long) worker * partitions.size() / placements.size()));
        return partitions.stream()
                .flatMap(partition -> ScalaInterop.stream(parent(dependency).iterator(partition, context)))
                .iterator();
    }

    @SuppressWarnings("unchecked")
    private RDD<GlobalSlice> parent(int dependency) {
        return (RDD<GlobalSlice>) dependencies().apply(dependency).rdd();
    }
}
