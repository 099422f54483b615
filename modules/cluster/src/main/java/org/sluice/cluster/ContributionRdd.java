package org.sluice.cluster;

import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple2;

/** The workers' side of a round: each does its local steps and yields its contribution to every slice. */
final class ContributionRdd extends WorkerRdd<Tuple2<Integer, Contribution>> {
    private static final long serialVersionUID = 1;

    private final int slices;

    /**
     * @param global the version to start from
     * @param placements the workers that take part
     * @param slices how many slices there are
     */
    ContributionRdd(
            SparkContext context,
            GlobalVersion global,
            List<WorkerPlacement> placements,
            int slices,
            RoundOrder order,
            Participant.Finder finder,
            LongAccumulator receivedBytes) {
        super(context, global, placements, order, finder, receivedBytes, Tuple2.class);
        this.slices = slices;
    }

    @Override
    Iterator<Tuple2<Integer, Contribution>> work(
            Participant participant, RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled) {
        participant.run(order, global, stopIfKilled);
        return IntStream.range(0, slices)
                .mapToObj(slice -> new Tuple2<>(slice, participant.contribution(order, slice)))
                .iterator();
    }
}
