package org.sluice.cluster;

import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Work of workers: one partition each, which runs in the worker's executor. */
abstract class PinnedRdd<T> extends RDD<T> {
    private static final long serialVersionUID = 1;

    private final List<WorkerPlacement> placements;

    /** @param placements the workers that take part */
    PinnedRdd(
            SparkContext context,
            List<Dependency<?>> dependencies,
            List<WorkerPlacement> placements,
            Class<? super T> type) {
        super(context, ScalaInterop.dependencies(dependencies), ScalaInterop.classTag(type));
        this.placements = List.copyOf(placements);
    }

    /** How many take part. */
    int workers() {
        return placements.size();
    }

    /**
     * Does a worker's part.
     *
     * @param rank the worker's place among those that take part
     */
    abstract Iterator<T> work(int worker, int rank, TaskContext context);

    @Override
    public Partition[] getPartitions() {
        return IntStream.range(0, placements.size())
                .mapToObj(index -> new PinnedPartition(index, placements.get(index)))
                .toArray(Partition[]::new);
    }

    @Override
    public Seq<String> getPreferredLocations(Partition partition) {
        return ScalaInterop.seq(
                List.of(((PinnedPartition) partition).placement().location()));
    }

    @Override
    public scala.collection.Iterator<T> compute(Partition partition, TaskContext context) {
        LocalFolders.tellIfFull(context);
        int worker = ((PinnedPartition) partition).placement().worker();
        return CollectionConverters.asScala(work(worker, partition.index(), context));
    }
}
