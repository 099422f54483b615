package org.sluice.cluster;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;
import org.sluice.training.RoutedBatch;

/** What the routers do with each worker's share of a step, counted before the step is done. */
final class CountingRdd extends WorkerRdd<RoutedBatch> {
    private static final long serialVersionUID = 1;

    /**
     * @param global the version to start from
     * @param placements the workers that take part
     */
    CountingRdd(
            SparkContext context,
            GlobalVersion global,
            List<WorkerPlacement> placements,
            RoundOrder order,
            Participant.Finder finder,
            LongAccumulator receivedBytes) {
        super(context, global, placements, order, finder, receivedBytes, RoutedBatch.class);
    }

    @Override
    RoutedBatch work(Participant participant, RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled) {
        return participant.countExperts(order, global);
    }
}
