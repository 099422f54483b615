package org.sluice.cluster;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sluice.cluster.control.Milestone;

/**
 * The checkpoints of one generation of workers, one after the other: at most one is being written, and its version of the parameters retained.
 *
 * <p>One that cannot be written is told of and left out. Training ends when too many in a row cannot, as it would lose more and more if it
 * were to fail. The last one is tried again as often.
 */
final class CheckpointSeries {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointSeries.class);

    private final JavaSparkContext context;
    private final RunFolder folder;
    private final CheckpointStore store;
    private final WorkerSetup setup;
    private final TrainingListener listener;
    private PendingCheckpoint pending;
    private Milestone newest;
    private String newestFolder;
    private long attempts;
    private int failures;

    /** @param start the checkpoint that this generation started from, if it did from one */
    CheckpointSeries(
            JavaSparkContext context,
            RunFolder folder,
            CheckpointStore store,
            CheckpointStore.StartPoint start,
            WorkerSetup setup,
            TrainingListener listener) {
        this.context = context;
        this.folder = folder;
        this.store = store;
        this.setup = setup;
        this.listener = listener;
        this.newest = start.folder() == null ? null : start.milestone();
        this.newestFolder = start.folder();
    }

    /** The newest finished checkpoint's folder; null if there is none. */
    String newestFolder() {
        return newestFolder;
    }

    /** Whether there is a checkpoint of just that, finished or being written. */
    boolean covers(Milestone milestone) {
        return milestone.equals(newest)
                || (pending != null && milestone.equals(pending.content().milestone()));
    }

    /**
     * Begins a checkpoint of the current version. One that is still being written is waited for.
     *
     * @throws TrainingFailedException if too many in a row could not be written
     */
    void begin(Exchange exchange, CheckpointContent content) throws IOException {
        finishPending(exchange);
        folder.requireHeld();
        GlobalVersion version = exchange.retain();
        attempts++;
        try {
            pending = PendingCheckpoint.begin(context, store, setup, version, content, attempts);
        } catch (IOException failure) {
            exchange.release();
            failed(content, BackgroundFiles.describe(failure));
            return;
        }
        if (!setup.plan().cluster().asynchronousCheckpoints()) {
            finishPending(exchange);
        }
    }

    /** Finishes the checkpoint that is being written, if all of its files are there. */
    void poll(Exchange exchange) throws IOException {
        if (pending == null) {
            return;
        }
        if (pending.poll()) {
            finishPending(exchange);
        }
    }

    /**
     * Sees to it that training as it is at the end has a finished checkpoint.
     *
     * @param last of the end; begun already if it was due, and begun again if it fails
     */
    void finish(Exchange exchange, CheckpointContent last) throws IOException {
        if (!covers(last.milestone())) {
            begin(exchange, last);
        }
        CheckpointContent wanted = pending == null ? last : pending.content();
        finishPending(exchange);
        while (!wanted.milestone().equals(newest)) {
            begin(exchange, wanted);
            finishPending(exchange);
        }
    }

    /** Gives up what is being written, as one who writes it is gone. */
    void abandon(Exchange exchange, String cause) {
        CheckpointContent content = pending.content();
        Path folderOfPending = pending.folder();
        pending = null;
        exchange.release();
        store.discard(folderOfPending);
        failed(content, cause);
    }

    /** The workers that write the checkpoint that is being written; none if there is none. */
    List<WorkerPlacement> writers() {
        return pending == null ? List.of() : pending.content().placements();
    }

    /** Waits for the checkpoint that is being written, if there is one. */
    void finishPending(Exchange exchange) throws IOException {
        if (pending == null) {
            return;
        }
        CheckpointContent content = pending.content();
        pending.await();
        PendingCheckpoint done = pending;
        pending = null;
        exchange.release();
        folder.requireHeld();
        if (done.failure().isPresent()) {
            store.discard(done.folder());
            failed(content, done.failure().get());
            return;
        }
        TrainingListener.Checkpoint written;
        try {
            written = done.commit();
        } catch (IOException failure) {
            store.discard(done.folder());
            failed(content, BackgroundFiles.describe(failure));
            return;
        }
        succeeded(content, written);
    }

    private void succeeded(CheckpointContent content, TrainingListener.Checkpoint written) throws IOException {
        failures = 0;
        newest = content.milestone();
        newestFolder = written.folder();
        new CheckpointAftermath(folder, store).follow(content, written, listener);
    }

    private void failed(CheckpointContent content, String cause) {
        failures++;
        int allowed = setup.plan().cluster().recoveries();
        TrainingListener.CheckpointFailure failure = new TrainingListener.CheckpointFailure(
                setup.plan().variant(),
                content.milestone().round(),
                content.milestone().step(setup.plan().cluster().blocksPerStep()),
                cause,
                failures,
                allowed);
        LOG.warn("A checkpoint could not be written: {}", failure);
        listener.checkpointFailed(failure);
        if (failures > allowed) {
            throw new TrainingFailedException(
                    "the checkpoint of round " + content.milestone().round() + " of '"
                            + setup.plan().variant() + "' could not be written to " + folder + " (" + cause
                            + "), number " + failures
                            + " in a row. "
                            + (newestFolder == null
                                    ? "There is no checkpoint yet"
                                    : "The newest one is " + newestFolder)
                            + ". See whether the storage is full or gone, then resume",
                    null);
        }
    }
}
