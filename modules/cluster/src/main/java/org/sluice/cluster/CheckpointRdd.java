package org.sluice.cluster;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;

/** Has the workers write a checkpoint, or asks how far they are: a task for each, in its executor. */
final class CheckpointRdd extends PinnedRdd<CheckpointShare.Outcome> {
    private static final long serialVersionUID = 1;

    private final Action action;
    private final WorkerSetup setup;
    private final CheckpointOrder order;

    /** What a task does. */
    enum Action {
        /** Writes all of the worker's share before it ends. */
        WRITE,
        /** Takes a copy of what training changes, has a thread of the executor write the share, and ends. */
        BEGIN,
        /** Tells how far that thread is. */
        POLL,
        /** Waits for that thread. */
        AWAIT
    }

    CheckpointRdd(
            SparkContext context,
            Action action,
            List<WorkerPlacement> placements,
            WorkerSetup setup,
            CheckpointOrder order) {
        super(context, List.of(), placements, CheckpointShare.Outcome.class);
        this.action = action;
        this.setup = setup;
        this.order = order;
    }

    @Override
    Iterator<CheckpointShare.Outcome> work(int number, int rank, TaskContext context) {
        Worker worker = setup.find(order.round(), number);
        CheckpointShare share = order.shares().get(rank);
        return List.of(
                        switch (action) {
                            case WRITE -> worker.writeCheckpoint(order, share);
                            case BEGIN -> worker.beginCheckpoint(order, share);
                            case POLL -> worker.checkpointFiles().poll(order.attempt());
                            case AWAIT -> worker.checkpointFiles().await(order.attempt());
                        })
                .iterator();
    }
}
