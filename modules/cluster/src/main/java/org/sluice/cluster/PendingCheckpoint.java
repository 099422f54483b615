package org.sluice.cluster;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.sluice.model.checkpoint.FileRecord;

/**
 * A checkpoint that the executors write while training goes on.
 *
 * <p>Nobody takes it before {@link #commit}: until then its folder has no manifest and no marker. The version of the parameters that it is of must
 * be kept in the executors for as long.
 */
final class PendingCheckpoint {
    private final JavaSparkContext context;
    private final CheckpointStore store;
    private final WorkerSetup setup;
    private final CheckpointContent content;
    private final CheckpointOrder order;
    private final long begin = System.nanoTime();
    private double waitedSeconds;
    private List<CheckpointShare.Outcome> outcomes = List.of();

    private PendingCheckpoint(
            JavaSparkContext context,
            CheckpointStore store,
            WorkerSetup setup,
            CheckpointContent content,
            CheckpointOrder order) {
        this.context = context;
        this.store = store;
        this.setup = setup;
        this.content = content;
        this.order = order;
    }

    /**
     * Begins a checkpoint of the current version: in a short job each worker copies what the next round changes, or writes all there and then if
     * the plan wants no asynchronous checkpoints.
     *
     * @param version kept until the checkpoint is done
     * @param attempt another one each time
     * @throws IOException if the folder cannot be made
     */
    static PendingCheckpoint begin(
            JavaSparkContext context,
            CheckpointStore store,
            WorkerSetup setup,
            GlobalVersion version,
            CheckpointContent content,
            long attempt)
            throws IOException {
        Path folder = store.prepare(content.milestone());
        CheckpointOrder order = new CheckpointOrder(
                attempt,
                content.order(),
                VersionBlocks.of(version),
                folder.toString(),
                store.shares(
                        content.placements().stream()
                                .map(WorkerPlacement::worker)
                                .toList(),
                        content.keepers()));
        PendingCheckpoint begun = new PendingCheckpoint(context, store, setup, content, order);
        boolean asynchronous = setup.plan().cluster().asynchronousCheckpoints();
        begun.ask(asynchronous ? CheckpointRdd.Action.BEGIN : CheckpointRdd.Action.WRITE);
        return begun;
    }

    CheckpointContent content() {
        return content;
    }

    Path folder() {
        return new Path(order.folder());
    }

    /** Whether all workers have ended writing, well or not; asks them without waiting for any. */
    boolean poll() {
        if (!done()) {
            ask(CheckpointRdd.Action.POLL);
        }
        return done();
    }

    /** Waits until all workers have ended writing, well or not. */
    void await() {
        if (!done()) {
            ask(CheckpointRdd.Action.AWAIT);
        }
    }

    private boolean done() {
        return !outcomes.isEmpty() && outcomes.stream().allMatch(CheckpointShare.Outcome::done);
    }

    private void ask(CheckpointRdd.Action action) {
        outcomes = waiting(() ->
                PartitionJob.collect(new CheckpointRdd(context.sc(), action, content.placements(), setup, order)));
    }

    private <T> T waiting(Supplier<T> work) {
        long start = System.nanoTime();
        try {
            return work.get();
        } finally {
            waitedSeconds += (System.nanoTime() - start) * 1e-9;
        }
    }

    /** Why a worker could not write its share; the first such reason. */
    Optional<String> failure() {
        return outcomes.stream()
                .filter(outcome -> outcome.failure() != null)
                .map(CheckpointShare.Outcome::failure)
                .findFirst();
    }

    /**
     * Finishes it, once all files are there.
     *
     * @throws IOException if what belongs to it cannot be written
     */
    TrainingListener.Checkpoint commit() throws IOException {
        if (!done() || failure().isPresent()) {
            throw new IllegalStateException("the checkpoint " + folder() + " is not written");
        }
        List<FileRecord> written =
                outcomes.stream().flatMap(outcome -> outcome.files().stream()).toList();
        long start = System.nanoTime();
        List<FileRecord> files = store.commit(folder(), written, content.milestone(), setup.cores());
        long end = System.nanoTime();
        return new TrainingListener.Checkpoint(
                setup.plan().variant(),
                content.milestone().round(),
                content.milestone().step(setup.plan().cluster().blocksPerStep()),
                order.folder(),
                (end - begin) * 1e-9,
                waitedSeconds + (end - start) * 1e-9,
                files.stream().mapToLong(FileRecord::length).sum());
    }
}
