package org.sluice.cluster;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/** The local steps of all workers, without what they send after them. */
final class TrainingRdd extends WorkerRdd<WorkerReport> {
    private static final long serialVersionUID = 1;

    /**
     * @param global the version to start from
     * @param placements the workers that take part
     */
    TrainingRdd(
            SparkContext context,
            GlobalVersion global,
            List<WorkerPlacement> placements,
            RoundOrder order,
            Participant.Finder finder,
            LongAccumulator receivedBytes) {
        super(context, global, placements, order, finder, receivedBytes, WorkerReport.class);
    }

    @Override
    Iterator<WorkerReport> work(
            Participant participant, RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled) {
        return List.of(participant.run(order, global, stopIfKilled)).iterator();
    }
}
