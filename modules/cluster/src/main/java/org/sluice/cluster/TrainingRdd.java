package org.sluice.cluster;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.util.LongAccumulator;
import org.sluice.training.NumericsException;

/** The local steps of a round. */
final class TrainingRdd extends WorkerRdd<WorkerResult> {
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
        super(context, global, placements, order, finder, receivedBytes, WorkerResult.class);
    }

    @Override
    WorkerResult work(Participant participant, RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled) {
        try {
            return new WorkerResult.Done(participant.run(order, global, stopIfKilled));
        } catch (NumericsException divergence) {
            return new WorkerResult.NotFinite(divergence);
        } catch (WorkerStateException stateless) {
            if (stateless.getCause() != null) {
                // An earlier attempt failed, and why is what the user is to know.
                throw stateless;
            }
            return new WorkerResult.WithoutState(stateless.getMessage());
        }
    }
}
