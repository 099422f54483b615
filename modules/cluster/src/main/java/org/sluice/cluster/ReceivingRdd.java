package org.sluice.cluster;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;

/** Brings a version to all workers, and nothing else. */
final class ReceivingRdd extends WorkerRdd<Integer> {
    private static final long serialVersionUID = 1;

    /**
     * @param global the version to bring
     * @param placements the workers that take part
     */
    ReceivingRdd(
            SparkContext context,
            GlobalVersion global,
            List<WorkerPlacement> placements,
            RoundOrder order,
            Participant.Finder finder,
            LongAccumulator receivedBytes) {
        super(context, global, placements, order, finder, receivedBytes, Integer.class);
    }

    @Override
    Integer work(Participant participant, RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled) {
        participant.receive(order, global);
        return 1;
    }
}
