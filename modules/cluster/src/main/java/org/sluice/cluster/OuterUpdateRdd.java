package org.sluice.cluster;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The owners' side of a round: averages the contributions to each slice of a fragment and applies the outer optimizer.
 *
 * <p>The version before comes first among the dependencies: Spark then runs each owner where its old slices lie.
 */
final class OuterUpdateRdd extends RDD<GlobalSlice> {
    private static final long serialVersionUID = 1;

    private final SliceLayout layout;
    private final int fragment;
    private final ExchangeRules rules;
    private final double rate;
    private final Set<Integer> workers;
    private final LongAccumulator receivedBytes;

    private record OwnerPartition(int index, List<Partition> parents) implements Partition {}

    /**
     * @param before the fragment's version before
     * @param contributions by slice, partitioned as the layout says
     * @param order of the round
     * @param workers who contributes to each slice
     * @param receivedBytes counts what Spark says that was read of the contributions
     */
    OuterUpdateRdd(
            SparkContext context,
            RDD<GlobalSlice> before,
            RDD<Tuple2<Integer, Contribution>> contributions,
            SliceLayout layout,
            int fragment,
            ExchangeRules rules,
            RoundOrder order,
            Set<Integer> workers,
            LongAccumulator receivedBytes) {
        super(
                context,
                ScalaInterop.dependencies(
                        List.of(new OneToOneDependency<>(before), new OneToOneDependency<>(contributions))),
                ScalaInterop.classTag(GlobalSlice.class));
        this.layout = layout;
        this.fragment = fragment;
        this.rules = rules;
        this.rate = rules.rate(order);
        this.workers = workers;
        this.receivedBytes = receivedBytes;
    }

    @Override
    public Partition[] getPartitions() {
        return IntStream.range(0, layout.partitionsOf(fragment))
                .mapToObj(index -> new OwnerPartition(
                        index,
                        CollectionConverters.asJava(dependencies()).stream()
                                .<Partition>map(dependency -> dependency.rdd().partitions()[index])
                                .toList()))
                .toArray(Partition[]::new);
    }

    @Override
    public scala.collection.Iterator<GlobalSlice> compute(Partition partition, TaskContext context) {
        LocalFolders.tellIfFull(context);
        OwnerPartition owner = (OwnerPartition) partition;
        int place = layout.partition(fragment, owner.index());
        int firstSlice = layout.firstSlice(place);
        int slices = layout.firstSlice(place + 1) - firstSlice;
        List<List<Contribution>> received = receive(owner, firstSlice, slices, context);
        Map<Integer, GlobalSlice> before = before(owner, context);
        UpdateArithmetic arithmetic = new UpdateArithmetic(rules.optimizer(), rate, rules.format());
        Iterator<GlobalSlice> updated = IntStream.range(0, slices)
                .mapToObj(at -> {
                    List<Contribution> contributions = received.set(at, List.of());
                    return update(arithmetic, contributions, before.get(firstSlice + at));
                })
                .iterator();
        return CollectionConverters.asScala(updated);
    }

    private List<List<Contribution>> receive(OwnerPartition owner, int firstSlice, int slices, TaskContext context) {
        @SuppressWarnings("unchecked")
        RDD<Tuple2<Integer, Contribution>> shuffled =
                (RDD<Tuple2<Integer, Contribution>>) dependencies().apply(1).rdd();
        List<List<Contribution>> received = new ArrayList<>();
        IntStream.range(0, slices).forEach(at -> received.add(new ArrayList<>()));
        Partition partition = owner.parents().get(1);
        CollectionConverters.asJava(shuffled.iterator(partition, context))
                .forEachRemaining(pair -> received.get(pair._1() - firstSlice).add(pair._2()));
        receivedBytes.add(context.taskMetrics().shuffleReadMetrics().totalBytesRead());
        for (int at = 0; at < slices; at++) {
            received.get(at).sort(Comparator.comparingInt(Contribution::worker));
            requireComplete(received.get(at), firstSlice + at);
        }
        return received;
    }

    private void requireComplete(List<Contribution> contributions, int slice) {
        Set<Integer> senders = new HashSet<>();
        contributions.forEach(contribution -> contribution.workers().forEach(worker -> {
            if (!senders.add(worker)) {
                throw new IllegalStateException("worker " + worker + " sent slice " + slice + " twice in one round");
            }
        }));
        if (!senders.equals(workers)) {
            throw new IllegalStateException(
                    "slice " + slice + " came from the workers " + senders + ", expected " + workers);
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

    private GlobalSlice update(UpdateArithmetic arithmetic, List<Contribution> contributions, GlobalSlice before) {
        Map<Integer, Double> changes = ChangeNorms.of(rules.format(), before, contributions);
        if (rules.format().keepsResiduals()) {
            return arithmetic.next(before, contributions, changes);
        }
        byte[] mean = SliceArithmetic.mean(contributions);
        return rules.optimizer().keepsMomentum()
                ? SliceArithmetic.nesterov(rules.optimizer(), rate, before, mean, changes)
                : SliceArithmetic.average(before, mean, changes);
    }
}
