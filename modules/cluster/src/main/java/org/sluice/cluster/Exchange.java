package org.sluice.cluster;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.util.LongAccumulator;
import org.sluice.training.RoutedBatch;
import scala.Tuple2;
import scala.collection.immutable.Seq;

/** The driver's side of the exchange: it makes one version of the parameters after the other, and holds none. */
final class Exchange {
    private final JavaSparkContext context;
    private final SliceLayout layout;
    private final ExchangeRules rules;
    private final Participant.Finder finder;
    private final LongAccumulator receivedBytes;
    private final int copies;
    private GlobalVersion current;
    private GlobalVersion merged;
    private GlobalVersion retained;

    /** @param copies the executors that hold each slice: with 2 a version outlives the loss of one */
    Exchange(JavaSparkContext context, SliceLayout layout, ExchangeRules rules, Participant.Finder finder, int copies) {
        this.context = context;
        this.layout = layout;
        this.rules = rules;
        this.finder = finder;
        this.copies = copies;
        this.receivedBytes = context.sc().longAccumulator();
    }

    SliceLayout layout() {
        return layout;
    }

    GlobalVersion current() {
        return current;
    }

    /**
     * Makes a version of slices from elsewhere, spread over the executors of the workers.
     *
     * @param source yields a slice by its index
     */
    void startFrom(long version, SliceSource source, List<WorkerPlacement> placements) {
        discard();
        SliceLayout slices = layout;
        List<Tuple2<Integer, Seq<String>>> partitions = IntStream.range(0, layout.partitions())
                .mapToObj(index -> new Tuple2<>(
                        index,
                        ScalaInterop.seq(List.of(
                                placements.get(index % placements.size()).location()))))
                .toList();
        RDD<GlobalSlice> state = GlobalVersion.keep(
                context.sc()
                        .makeRDD(ScalaInterop.seq(partitions), ScalaInterop.<Integer>classTag(Integer.class))
                        .toJavaRDD()
                        .flatMap(partition -> IntStream.range(
                                        slices.firstSlice(partition), slices.firstSlice(partition + 1))
                                .mapToObj(source::read)
                                .iterator())
                        .rdd(),
                copies);
        boolean made = false;
        try {
            state.count();
            current = GlobalVersion.first(version, state, rules, copies);
            made = true;
        } finally {
            if (!made) {
                state.unpersist(false);
            }
        }
    }

    /**
     * Counts what the routers of all workers together do with the order's first step. The parameters that the workers take for it are those
     * that they need for the round, so that they travel once.
     */
    RoutedBatch countExperts(RoundOrder order, List<WorkerPlacement> placements) {
        requireCurrent(order);
        return work(
                        order,
                        placements,
                        RoutedBatch.class,
                        (participant, now, global, stopIfKilled) -> participant.countExperts(now, global))
                .toJavaRDD()
                .collect()
                .stream()
                .reduce(RoutedBatch::plus)
                .orElseThrow();
    }

    /**
     * The bytes that all workers and owners together have received since this was asked last, as Spark's task metrics count them: slices that
     * workers read, of their own executor's too, and contributions that owners read from the shuffle.
     */
    long takeReceivedBytes() {
        long bytes = receivedBytes.value();
        receivedBytes.reset();
        return bytes;
    }

    /**
     * Brings the current version to all workers where what rounding left over of their contributions is a part of their state: they know it
     * when they have the version. It travels once, as they need it for the next round.
     *
     * @param order its version is the current one
     */
    void bringResiduals(RoundOrder order, List<WorkerPlacement> placements) {
        requireCurrent(order);
        if (rules.format().keepsResiduals()) {
            work(order, placements, Boolean.class, (participant, now, global, stopIfKilled) -> {
                        participant.receive(now, global);
                        return true;
                    })
                    .toJavaRDD()
                    .count();
        }
    }

    private void requireCurrent(RoundOrder order) {
        if (order.version() != current.number()) {
            throw new IllegalStateException("the round starts from version " + order.version()
                    + ", but the current one is " + current.number());
        }
    }

    /**
     * What the workers' training in a round is.
     *
     * @param placements the workers that train
     */
    RDD<WorkerResult> training(RoundOrder order, List<WorkerPlacement> placements) {
        return work(order, placements, WorkerResult.class, WorkerResult::of);
    }

    private <T> RDD<T> work(
            RoundOrder order, List<WorkerPlacement> placements, Class<? super T> type, WorkerRdd.Work<T> work) {
        requireCurrent(order);
        return new WorkerRdd<>(context.sc(), current, placements, order, finder, receivedBytes, type, work);
    }

    /**
     * Averages what workers made of the current version, which stays the current one until {@link #publish}. May be called again with fewer
     * workers.
     *
     * @param placements the workers whose work counts, which have done the round; ascending
     * @return the norm of each one's change of the parameters
     */
    Map<Integer, Double> merge(RoundOrder order, List<WorkerPlacement> placements) {
        requireCurrent(order);
        discardMerged();
        ShuffledRDD<Integer, Contribution, Contribution> shuffled = new ShuffledRDD<>(
                contributions(order, placements),
                new SlicePartitioner(layout),
                ScalaInterop.classTag(Integer.class),
                ScalaInterop.classTag(Contribution.class),
                ScalaInterop.classTag(Contribution.class));
        shuffled.setSerializer(new ContributionSerializer());
        int shuffle = ((ShuffleDependency<?, ?, ?>) shuffled.dependencies().apply(0)).shuffleId();
        Set<Integer> workers = placements.stream().map(WorkerPlacement::worker).collect(Collectors.toSet());
        RDD<GlobalSlice> state = GlobalVersion.keep(
                new OuterUpdateRdd(
                        context.sc(), current.state(), shuffled, layout, rules, order, workers, receivedBytes),
                copies);
        // Spark throws checked exceptions that its methods do not declare: only a flag in the end sees them all.
        boolean made = false;
        try {
            Map<Integer, Double> norms = norms(state);
            merged = GlobalVersion.next(order.nextVersion(), state, rules, copies);
            made = true;
            return norms;
        } finally {
            if (!made) {
                state.unpersist(false);
            }
            forgetShuffle(shuffle);
        }
    }

    private RDD<Tuple2<Integer, Contribution>> contributions(RoundOrder order, List<WorkerPlacement> placements) {
        return rules.partialSums()
                ? new PartialSumRdd(context.sc(), placements, layout.slices(), order, finder)
                : new ContributionRdd(context.sc(), placements, layout.slices(), order, finder);
    }

    /** Makes what was merged the current version. */
    void publish() {
        if (!current.equals(retained)) {
            current.discard();
        }
        current = merged;
        merged = null;
    }

    private void discardMerged() {
        if (merged != null) {
            merged.discard();
            merged = null;
        }
    }

    /** Each partition adds up its own slices, so that the driver gets as many numbers as there are partitions and workers. */
    private static Map<Integer, Double> norms(RDD<GlobalSlice> state) {
        Map<Integer, Double> norms = new TreeMap<>();
        state.toJavaRDD()
                .mapPartitions(slices -> List.of(ChangeNorms.sum(slices)).iterator())
                .collect()
                .forEach(ofPartition -> ChangeNorms.add(norms, ofPartition));
        norms.replaceAll((worker, squares) -> Math.sqrt(squares));
        return norms;
    }

    /** Spark would delete a shuffle's files only when the driver's garbage collector finds it, by when the disks may be full. */
    private void forgetShuffle(int shuffle) {
        if (context.sc().cleaner().isDefined()) {
            context.sc().cleaner().get().doCleanupShuffle(shuffle, false);
        }
    }

    /** Keeps the current version in the executors beyond the rounds that replace it, until it is released. One at a time is kept. */
    GlobalVersion retain() {
        if (retained != null) {
            throw new IllegalStateException("version " + retained.number() + " is retained still");
        }
        retained = current;
        return retained;
    }

    /** Frees the retained version, if there is one, unless it is still the current one. */
    void release() {
        if (retained != null && !retained.equals(current)) {
            retained.discard();
        }
        retained = null;
    }

    /** Frees all versions in the executors; another one must be started from then. */
    void discard() {
        release();
        discardMerged();
        if (current != null) {
            current.discard();
            current = null;
        }
    }
}
