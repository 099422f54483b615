package org.sluice.cluster;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Work of all workers from one version of the parameters: one partition a worker, which runs in the worker's executor. */
abstract class WorkerRdd<T> extends RDD<T> {
    private static final long serialVersionUID = 1;

    private final List<WorkerPlacement> placements;
    private final RoundOrder order;
    private final Participant.Finder finder;

    /**
     * @param global the version to start from
     * @param placements the workers that take part
     */
    WorkerRdd(
            SparkContext context,
            RDD<GlobalSlice> global,
            List<WorkerPlacement> placements,
            RoundOrder order,
            Participant.Finder finder,
            Class<? super T> type) {
        super(
                context,
                ScalaInterop.dependencies(List.of(ScalaInterop.onAllPartitions(global))),
                ScalaInterop.classTag(type));
        this.placements = List.copyOf(placements);
        this.order = order;
        this.finder = finder;
    }

    /**
     * Does a worker's part.
     *
     * @param global the slices of the order's version, which are fetched as they are asked for
     * @param stopIfKilled throws if the task was killed
     */
    abstract Iterator<T> work(
            Participant participant, RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled);

    @Override
    public Partition[] getPartitions() {
        List<Partition> parents = List.of(parent().partitions());
        return IntStream.range(0, placements.size())
                .mapToObj(index -> new PinnedPartition(index, placements.get(index), parents))
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
        int worker = pinned.placement().worker();
        return CollectionConverters.asScala(work(
                finder.find(order, worker),
                order,
                globalSlices(pinned, worker, context),
                context::killTaskIfInterrupted));
    }

    /** Each worker starts at another partition, so that they do not all ask the same executor at once. */
    private Iterator<GlobalSlice> globalSlices(PinnedPartition pinned, int worker, TaskContext context) {
        List<Partition> parents = new ArrayList<>(pinned.parents());
        Collections.rotate(parents, -(int) ((long) worker * parents.size() / placements.size()));
        return parents.stream()
                .flatMap(partition -> ScalaInterop.stream(parent().iterator(partition, context)))
                .iterator();
    }

    @SuppressWarnings("unchecked")
    private RDD<GlobalSlice> parent() {
        return (RDD<GlobalSlice>) dependencies().apply(0).rdd();
    }
}
