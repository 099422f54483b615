package org.sluice.cluster;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The owners' side of a round: averages the contributions to each slice and applies the outer optimizer.
 *
 * <p>The version before comes first among the dependencies even where its values are not needed: Spark then runs each owner where its old
 * slices lie.
 */
final class OuterUpdateRdd extends RDD<GlobalSlice> {
    private static final long serialVersionUID = 1;

    private final SliceLayout layout;
    private final OuterOptimizer optimizer;
    private final int workers;

    private record OwnerPartition(int index, List<Partition> parents) implements Partition {}

    /**
     * @param before the version before
     * @param contributions by slice, partitioned as the layout says
     * @param workers how many contributions each slice gets
     */
    OuterUpdateRdd(
            SparkContext context,
            RDD<GlobalSlice> before,
            RDD<Tuple2<Integer, Contribution>> contributions,
            SliceLayout layout,
            OuterOptimizer optimizer,
            int workers) {
        super(
                context,
                ScalaInterop.dependencies(
                        List.of(new OneToOneDependency<>(before), new OneToOneDependency<>(contributions))),
                ScalaInterop.classTag(GlobalSlice.class));
        this.layout = layout;
        this.optimizer = optimizer;
        this.workers = workers;
    }

    @Override
    public Partition[] getPartitions() {
        return IntStream.range(0, layout.partitions())
                .mapToObj(index -> new OwnerPartition(
                        index,
                        CollectionConverters.asJava(dependencies()).stream()
                                .<Partition>map(dependency -> dependency.rdd().partitions()[index])
                                .toList()))
                .toArray(Partition[]::new);
    }

    @Override
    public scala.collection.Iterator<GlobalSlice> compute(Partition partition, TaskContext context) {
        OwnerPartition owner = (OwnerPartition) partition;
        int firstSlice = layout.firstSlice(owner.index());
        int slices = layout.firstSlice(owner.index() + 1) - firstSlice;
        Contribution[][] received = receive(owner, firstSlice, slices, context);
        Map<Integer, GlobalSlice> before = optimizer.keepsMomentum() ? before(owner, context) : Map.of();
        Iterator<GlobalSlice> updated = IntStream.range(0, slices)
                .mapToObj(at -> {
                    List<Contribution> contributions = List.of(received[at]);
                    received[at] = null;
                    return update(contributions, before.get(firstSlice + at));
                })
                .iterator();
        return CollectionConverters.asScala(updated);
    }

    private Contribution[][] receive(OwnerPartition owner, int firstSlice, int slices, TaskContext context) {
        @SuppressWarnings("unchecked")
        RDD<Tuple2<Integer, Contribution>> shuffled =
                (RDD<Tuple2<Integer, Contribution>>) dependencies().apply(1).rdd();
        Contribution[][] received = new Contribution[slices][workers];
        Partition partition = owner.parents().get(1);
        CollectionConverters.asJava(shuffled.iterator(partition, context)).forEachRemaining(pair -> {
            Contribution contribution = pair._2();
            Contribution[] ofSlice = received[contribution.slice() - firstSlice];
            if (ofSlice[contribution.worker()] != null) {
                throw new IllegalStateException("worker " + contribution.worker() + " sent slice "
                        + contribution.slice() + " twice in one round");
            }
            ofSlice[contribution.worker()] = contribution;
        });
        requireComplete(received, firstSlice);
        return received;
    }

    private static void requireComplete(Contribution[][] received, int firstSlice) {
        for (int at = 0; at < received.length; at++) {
            if (Arrays.stream(received[at]).anyMatch(Objects::isNull)) {
                throw new IllegalStateException("slice " + (firstSlice + at) + " came from "
                        + Arrays.stream(received[at]).filter(Objects::nonNull).count() + " workers of "
                        + received[at].length);
            }
        }
    }

    private Map<Integer, GlobalSlice> before(OwnerPartition owner, TaskContext context) {
        @SuppressWarnings("unchecked")
        RDD<GlobalSlice> parent = (RDD<GlobalSlice>) dependencies().apply(0).rdd();
        Map<Integer, GlobalSlice> slices = new HashMap<>();
        CollectionConverters.asJava(parent.iterator(owner.parents().get(0), context))
                .forEachRemaining(slice -> slices.put(slice.index(), slice));
        return slices;
    }

    private GlobalSlice update(List<Contribution> contributions, GlobalSlice before) {
        int slice = contributions.get(0).slice();
        List<WorkerReport> reports = contributions.stream()
                .map(Contribution::report)
                .filter(Objects::nonNull)
                .toList();
        byte[] mean = SliceArithmetic.mean(contributions);
        return before == null
                ? new GlobalSlice(slice, mean, null, reports)
                : SliceArithmetic.nesterov(optimizer, before, mean, reports);
    }
}
