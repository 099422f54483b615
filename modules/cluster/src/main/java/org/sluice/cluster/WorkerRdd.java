package org.sluice.cluster;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.util.LongAccumulator;
import scala.jdk.javaapi.CollectionConverters;

/** Work of workers from one version of the parameters: each yields one result. */
final class WorkerRdd<T> extends PinnedRdd<T> {
    private static final long serialVersionUID = 1;

    private static final int NO_UPDATES = -1;

    private final List<Offer> offers;
    private final RoundOrder order;
    private final Participant.Finder finder;
    private final LongAccumulator receivedBytes;
    private final Work<T> work;

    /** The versions of a fragment, and which of the dependencies its slices are. */
    private record Offer(long from, long to, int whole, int updates) implements Serializable {}

    /** What a worker does in its executor. */
    @FunctionalInterface
    interface Work<T> extends Serializable {
        /**
         * Does a worker's part; the version is read when it returns, if it is read at all.
         *
         * @param global the fragments of the current version
         * @param stopIfKilled throws if the task was killed
         */
        T of(Participant participant, RoundOrder order, List<IncomingFragment> global, Runnable stopIfKilled);
    }

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
            Class<? super T> type,
            Work<T> work) {
        super(context, dependencies(global), placements, type);
        this.offers = offers(global);
        this.order = order;
        this.finder = finder;
        this.receivedBytes = receivedBytes;
        this.work = work;
    }

    private static List<Dependency<?>> dependencies(GlobalVersion global) {
        List<Dependency<?>> dependencies = new ArrayList<>();
        for (FragmentVersion fragment : global.fragments()) {
            dependencies.add(ScalaInterop.onAllPartitions(fragment.parameters()));
            if (fragment.updates() != null) {
                dependencies.add(ScalaInterop.onAllPartitions(fragment.updates()));
            }
        }
        return dependencies;
    }

    private static List<Offer> offers(GlobalVersion global) {
        List<Offer> offers = new ArrayList<>();
        int next = 0;
        for (FragmentVersion fragment : global.fragments()) {
            int whole = next++;
            int updates = fragment.updates() == null ? NO_UPDATES : next++;
            offers.add(new Offer(fragment.before(), fragment.number(), whole, updates));
        }
        return List.copyOf(offers);
    }

    @Override
    Iterator<T> work(int worker, int rank, TaskContext context) {
        List<IncomingFragment> global = new ArrayList<>();
        for (Offer offer : offers) {
            global.add(new IncomingFragment(
                    global.size(),
                    offer.from(),
                    offer.to(),
                    () -> slices(offer.whole(), rank, context),
                    offer.updates() == NO_UPDATES ? null : () -> slices(offer.updates(), rank, context)));
        }
        Participant participant = finder.find(order, worker);
        T result = work.of(participant, order, global, context::killTaskIfInterrupted);
        long bytes = context.taskMetrics().inputMetrics().bytesRead();
        receivedBytes.add(bytes);
        participant.received(bytes);
        return List.of(result).iterator();
    }

    /** Each worker starts at another partition, so that they do not all ask the same executor at once. */
    private Iterator<GlobalSlice> slices(int dependency, int rank, TaskContext context) {
        RDD<GlobalSlice> parent = parent(dependency);
        List<Partition> partitions = Arrays.asList(parent.partitions().clone());
        Collections.rotate(partitions, -(int) ((long) rank * partitions.size() / workers()));
        // A stream of Java would hold all slices of a partition before it gives the first.
        return CollectionConverters.asJava(CollectionConverters.asScala(partitions.iterator())
                .flatMap(partition -> parent.iterator(partition, context)));
    }

    @SuppressWarnings("unchecked")
    private RDD<GlobalSlice> parent(int dependency) {
        return (RDD<GlobalSlice>) dependencies().apply(dependency).rdd();
    }
}
