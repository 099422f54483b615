package org.sluice.cluster;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What the workers of each executor send together, after their local steps: one partition an executor, in which the contributions to a slice
 * are averaged before they go into the shuffle.
 *
 * <p>The mean of an executor's workers is rounded to fp32 once, to nearest: each value of the next version is within a relative 2^-24 of the
 * largest of these means of what it would be otherwise. Which workers are averaged together depends on where they live, and the bits with it;
 * a sum that does not depend on its order would take more bytes than it saves.
 */
final class PartialSumRdd extends RDD<Tuple2<Integer, Contribution>> {
    private static final long serialVersionUID = 1;

    private final List<List<WorkerPlacement>> executors;
    private final int slices;
    private final RoundOrder order;
    private final Participant.Finder finder;

    private record ExecutorPartition(int index) implements Partition {}

    /**
     * @param placements where the workers did their local steps, in the order of the workers
     * @param slices how many slices there are
     */
    PartialSumRdd(
            SparkContext context,
            List<WorkerPlacement> placements,
            int slices,
            RoundOrder order,
            Participant.Finder finder) {
        super(context, ScalaInterop.dependencies(List.of()), ScalaInterop.classTag(Tuple2.class));
        Map<String, List<WorkerPlacement>> byExecutor = new LinkedHashMap<>();
        placements.forEach(placement -> byExecutor
                .computeIfAbsent(placement.location(), location -> new ArrayList<>())
                .add(placement));
        this.executors = List.copyOf(byExecutor.values());
        this.slices = slices;
        this.order = order;
        this.finder = finder;
    }

    @Override
    public Partition[] getPartitions() {
        return IntStream.range(0, executors.size())
                .mapToObj(ExecutorPartition::new)
                .toArray(Partition[]::new);
    }

    @Override
    public Seq<String> getPreferredLocations(Partition partition) {
        return ScalaInterop.seq(List.of(executors.get(partition.index()).get(0).location()));
    }

    @Override
    public scala.collection.Iterator<Tuple2<Integer, Contribution>> compute(Partition partition, TaskContext context) {
        List<Participant> participants = executors.get(partition.index()).stream()
                .map(placement -> finder.find(order, placement.worker()))
                .toList();
        return CollectionConverters.asScala(IntStream.range(0, slices)
                .mapToObj(slice -> {
                    context.killTaskIfInterrupted();
                    List<Contribution> contributions = participants.stream()
                            .map(participant -> participant.contribution(order, slice))
                            .toList();
                    return new Tuple2<>(slice, SliceArithmetic.together(contributions));
                })
                .iterator());
    }
}
