package org.sluice.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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
    private final Map<Integer, FragmentVersion> merged = new TreeMap<>();
    private GlobalVersion current;
    private GlobalVersion retained;
    private long mergedNumber;

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
        List<FragmentVersion> fragments = new ArrayList<>();
        boolean made = false;
        try {
            for (int fragment = 0; fragment < layout.fragments(); fragment++) {
                fragments.add(start(version, fragment, source, placements));
            }
            current = new GlobalVersion(version, List.copyOf(fragments));
            made = true;
        } finally {
            if (!made) {
                fragments.forEach(FragmentVersion::discard);
            }
        }
    }

    private FragmentVersion start(long version, int fragment, SliceSource source, List<WorkerPlacement> placements) {
        SliceLayout slices = layout;
        List<Tuple2<Integer, Seq<String>>> partitions = IntStream.range(0, layout.partitionsOf(fragment))
                .mapToObj(at -> new Tuple2<>(
                        layout.partition(fragment, at),
                        ScalaInterop.seq(
                                List.of(placements.get(at % placements.size()).location()))))
                .toList();
        RDD<GlobalSlice> state = FragmentVersion.keep(
                context.sc()
                        .makeRDD(ScalaInterop.seq(partitions), ScalaInterop.<Integer>classTag(Integer.class))
                        .toJavaRDD()
                        .flatMap(partition -> slices.slicesIn(partition)
                                .mapToObj(source::read)
                                .iterator())
                        .rdd(),
                copies);
        boolean made = false;
        try {
            PartitionJob.compute(state);
            FragmentVersion first = FragmentVersion.first(version, state, rules, copies);
            made = true;
            return first;
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
        return PartitionJob.collect(this.<RoutedBatch>work(
                        order,
                        placements,
                        RoutedBatch.class,
                        (participant, now, global, stopIfKilled) -> participant.countExperts(now, global)))
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
            PartitionJob.compute(work(order, placements, Boolean.class, (participant, now, global, stopIfKilled) -> {
                participant.receive(now, global);
                return true;
            }));
        }
    }

    /** Lets workers fetch the current version while they train. */
    void fetch(RoundOrder order, List<WorkerPlacement> placements) {
        PartitionJob.compute(withCurrent(order, placements, Boolean.class, (participant, now, global, stopIfKilled) -> {
            participant.fetch(now, global);
            return true;
        }));
    }

    private void requireCurrent(RoundOrder order) {
        requireCurrent(order.currentVersion());
    }

    private void requireCurrent(long version) {
        if (version != current.number()) {
            throw new IllegalStateException(
                    "the round starts from version " + version + ", but the current one is " + current.number());
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
        return withCurrent(order, placements, type, work);
    }

    /** Work of workers that the current version is handed to, whether or not the order starts from it. */
    private <T> RDD<T> withCurrent(
            RoundOrder order, List<WorkerPlacement> placements, Class<? super T> type, WorkerRdd.Work<T> work) {
        return new WorkerRdd<>(context.sc(), current, placements, order, finder, receivedBytes, type, work);
    }

    /**
     * Averages what workers made of the current version, which stays the current one until {@link #publish}. May be called again with fewer
     * workers.
     *
     * @param placements the workers whose work counts, which have done the round; ascending
     * @param fragments what is averaged
     * @return the norm of each one's change of these fragments
     */
    Map<Integer, Double> merge(RoundOrder order, List<WorkerPlacement> placements, Set<Integer> fragments) {
        requireCurrent(order.version());
        discardMerged();
        mergedNumber = order.nextVersion();
        Map<Integer, Double> squares = new TreeMap<>();
        for (int fragment : new TreeSet<>(fragments)) {
            ChangeNorms.add(squares, merge(order, placements, fragment));
        }
        squares.replaceAll((worker, sum) -> Math.sqrt(sum));
        return squares;
    }

    /** Averages one fragment; returns the squares of each worker's change of it. */
    private Map<Integer, Double> merge(RoundOrder order, List<WorkerPlacement> placements, int fragment) {
        ShuffledRDD<Integer, PendingContribution, Contribution> shuffled = new ShuffledRDD<>(
                contributions(order, placements, fragment),
                new SlicePartitioner(layout, fragment),
                ScalaInterop.classTag(Integer.class),
                ScalaInterop.classTag(PendingContribution.class),
                ScalaInterop.classTag(Contribution.class));
        shuffled.setSerializer(new ContributionSerializer());
        int shuffle = ((ShuffleDependency<?, ?, ?>) shuffled.dependencies().apply(0)).shuffleId();
        Set<Integer> workers = placements.stream().map(WorkerPlacement::worker).collect(Collectors.toSet());
        FragmentVersion before = current.fragments().get(fragment);
        RDD<GlobalSlice> state = FragmentVersion.keep(
                new OuterUpdateRdd(
                        context.sc(), before.state(), shuffled, layout, fragment, rules, order, workers, receivedBytes),
                copies);
        // Spark throws checked exceptions that its methods do not declare: only a flag in the end sees them all.
        boolean made = false;
        try {
            Map<Integer, Double> squares = squares(state);
            merged.put(fragment, before.next(order.nextVersion(), state, rules, copies));
            made = true;
            return squares;
        } finally {
            if (!made) {
                state.unpersist(false);
            }
            forgetShuffle(shuffle);
        }
    }

    private RDD<Tuple2<Integer, PendingContribution>> contributions(
            RoundOrder order, List<WorkerPlacement> placements, int fragment) {
        return rules.partialSums()
                ? new PartialSumRdd(context.sc(), placements, layout, fragment, order, finder)
                : new ContributionRdd(context.sc(), placements, layout, fragment, order, finder);
    }

    /** Makes what was merged part of the current version. */
    void publish() {
        GlobalVersion before = current;
        current = before.with(mergedNumber, merged);
        merged.clear();
        before.discardAllBut(current, retained);
    }

    private void discardMerged() {
        merged.values().forEach(FragmentVersion::discard);
        merged.clear();
    }

    /** Each partition adds up its own slices, so that the driver gets as many numbers as there are partitions and workers. */
    private static Map<Integer, Double> squares(RDD<GlobalSlice> state) {
        Map<Integer, Double> squares = new TreeMap<>();
        PartitionJob.run(state, ChangeNorms::sum).forEach(ofPartition -> ChangeNorms.add(squares, ofPartition));
        return squares;
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

    /** Frees the retained version, if there is one, but for what is in the current one still. */
    void release() {
        if (retained != null) {
            retained.discardAllBut(current, null);
        }
        retained = null;
    }

    /** Frees all versions in the executors; another one must be started from then. */
    void discard() {
        release();
        discardMerged();
        if (current != null) {
            current.discardAllBut(null, null);
            current = null;
        }
    }
}
