package org.sluice.cluster;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import scala.Tuple2;

/** What each worker that has trained in a round sends to the owners of the slices of a fragment. It may be asked for again, and is the same then. */
final class ContributionRdd extends PinnedRdd<Tuple2<Integer, PendingContribution>> {
    private static final long serialVersionUID = 1;

    private final SliceLayout layout;
    private final int fragment;
    private final RoundOrder order;
    private final Participant.Finder finder;

    /**
     * @param placements the workers whose work counts
     * @param fragment whose slices are sent
     */
    ContributionRdd(
            SparkContext context,
            List<WorkerPlacement> placements,
            SliceLayout layout,
            int fragment,
            RoundOrder order,
            Participant.Finder finder) {
        super(context, List.of(), placements, Tuple2.class);
        this.layout = layout;
        this.fragment = fragment;
        this.order = order;
        this.finder = finder;
    }

    @Override
    Iterator<Tuple2<Integer, PendingContribution>> work(int worker, int rank, TaskContext context) {
        Participant participant = finder.find(order, worker);
        return layout.slicesOf(fragment)
                .mapToObj(slice ->
                        new Tuple2<>(slice, new PendingContribution(() -> participant.contribution(order, slice))))
                .iterator();
    }
}
