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
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** The workers' side of a round: one partition a worker, which runs in the worker's executor and yields its contribution to every slice. */
final class ContributionRdd extends RDD<Tuple2<Integer, Contribution>> {
    private static final long serialVersionUID = 1;

    private final List<WorkerPlacement> placements;
    private final SliceLayout layout;
    private final RoundOrder order;
    private final Participant.Finder finder;

    /**
     * @param global the version to start from
     * @param placements the workers that take part
     */
    ContributionRdd(
            SparkContext context,
            RDD<GlobalSlice> global,
            List<WorkerPlacement> placements,
            SliceLayout layout,
            RoundOrder order,
            Participant.Finder finder) {
        super(
                context,
                ScalaInterop.dependencies(List.of(ScalaInterop.onAllPartitions(global))),
                ScalaInterop.classTag(Tuple2.class));
        this.placements = List.copyOf(placements);
        this.layout = layout;
        this.order = order;
        this.finder = finder;
    }

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
    public scala.collection.Iterator<Tuple2<Integer, Contribution>> compute(Partition partition, TaskContext context) {
        PinnedPartition pinned = (PinnedPartition) partition;
        int worker = pinned.placement().worker();
        Participant participant = finder.find(order, worker);
        WorkerReport report =
                participant.run(order, globalSlices(pinned, worker, context), context::killTaskIfInterrupted);
        long weight = report.targets();
        Iterator<Tuple2<Integer, Contribution>> contributions = IntStream.range(0, layout.slices())
                .mapToObj(slice -> new Tuple2<>(
                        slice,
                        new Contribution(
                                slice,
                                worker,
                                weight,
                                participant.parametersAfter(order, slice),
                                slice == 0 ? report : null)))
                .iterator();
        return CollectionConverters.asScala(contributions);
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
