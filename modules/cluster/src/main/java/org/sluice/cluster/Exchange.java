package org.sluice.cluster;

import java.util.Comparator;
import java.util.List;
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
    private GlobalVersion current;

    Exchange(JavaSparkContext context, SliceLayout layout, ExchangeRules rules, Participant.Finder finder) {
        this.context = context;
        this.layout = layout;
        this.rules = rules;
        this.finder = finder;
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
        RDD<GlobalSlice> state = GlobalVersion.keep(context.sc()
                .makeRDD(ScalaInterop.seq(partitions), ScalaInterop.<Integer>classTag(Integer.class))
                .toJavaRDD()
                .flatMap(partition -> IntStream.range(slices.firstSlice(partition), slices.firstSlice(partition + 1))
                        .mapToObj(source::read)
                        .iterator())
                .rdd());
        boolean made = false;
        try {
            state.count();
            current = GlobalVersion.first(version, state, rules);
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
        return new CountingRdd(context.sc(), current, placements, order, finder, receivedBytes)
                .toJavaRDD().collect().stream().reduce(RoutedBatch::plus).orElseThrow();
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
            new ReceivingRdd(context.sc(), current, placements, order, finder, receivedBytes)
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
     * Does one round from the current version, which the next one replaces.
     *
     * @return what the workers did, in the order of the workers
     */
    List<WorkerReport> round(RoundOrder order, List<WorkerPlacement> placements) {
        requireCurrent(order);
        GlobalVersion before = current;
        List<WorkerReport> trained = rules.partialSums() ? train(order, placements) : List.of();
        ShuffledRDD<Integer, Contribution, Contribution> shuffled = new ShuffledRDD<>(
                rules.partialSums() ? partialSums(order, trained) : contributions(order, placements),
                new SlicePartitioner(layout),
                ScalaInterop.classTag(Integer.class),
                ScalaInterop.classTag(Contribution.class),
                ScalaInterop.classTag(Contribution.class));
        shuffled.setSerializer(new ContributionSerializer());
        int shuffle = ((ShuffleDependency<?, ?, ?>) shuffled.dependencies().apply(0)).shuffleId();
        RDD<GlobalSlice> state = GlobalVersion.keep(new OuterUpdateRdd(
                context.sc(), before.state(), shuffled, layout, rules, order, placements.size(), receivedBytes));
        // Spark throws checked exceptions that its methods do not declare: only a flag in the end sees them all.
        boolean made = false;
        try {
            List<WorkerReport> reports = reports(state);
            current = GlobalVersion.next(order.nextVersion(), state, rules);
            made = true;
            before.discard();
            return rules.partialSums() ? trained : reports;
        } finally {
            if (!made) {
                state.unpersist(false);
            }
            forgetShuffle(shuffle);
        }
    }

    /** Each worker does its local steps and sends what it has then. */
    private RDD<Tuple2<Integer, Contribution>> contributions(RoundOrder order, List<WorkerPlacement> placements) {
        return new ContributionRdd(context.sc(), current, placements, layout.slices(), order, finder, receivedBytes);
    }

    /** Only when all workers of an executor have done their local steps can they be averaged. */
    private List<WorkerReport> train(RoundOrder order, List<WorkerPlacement> placements) {
        return inOrder(new TrainingRdd(context.sc(), current, placements, order, finder, receivedBytes)
                .toJavaRDD()
                .collect());
    }

    private RDD<Tuple2<Integer, Contribution>> partialSums(RoundOrder order, List<WorkerReport> trained) {
        List<WorkerPlacement> placements = trained.stream()
                .map(report -> new WorkerPlacement(report.worker(), report.executor(), report.host()))
                .toList();
        return new PartialSumRdd(context.sc(), placements, layout.slices(), order, finder);
    }

    private List<WorkerReport> reports(RDD<GlobalSlice> state) {
        return inOrder(
                state.toJavaRDD().flatMap(slice -> slice.reports().iterator()).collect());
    }

    private static List<WorkerReport> inOrder(List<WorkerReport> reports) {
        return reports.stream()
                .sorted(Comparator.comparingInt(WorkerReport::worker))
                .toList();
    }

    /** Spark would delete a shuffle's files only when the driver's garbage collector finds it, by when the disks may be full. */
    private void forgetShuffle(int shuffle) {
        if (context.sc().cleaner().isDefined()) {
            context.sc().cleaner().get().doCleanupShuffle(shuffle, false);
        }
    }

    /** Frees the current version in the executors; another one must be started from then. */
    void discard() {
        if (current != null) {
            current.discard();
            current = null;
        }
    }
}
