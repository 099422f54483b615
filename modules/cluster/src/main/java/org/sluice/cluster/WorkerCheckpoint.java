package org.sluice.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.sluice.model.checkpoint.FileRecord;

/** A worker's share of the checkpoint that is being written: all at once, or in the background from a copy of what training changes. */
final class WorkerCheckpoint implements AutoCloseable {
    private final int worker;
    private final WorkerSetup setup;
    private final WorkerState state;
    private final StateCopy copy = new StateCopy();
    private final BackgroundFiles background;

    WorkerCheckpoint(int worker, WorkerSetup setup, WorkerState state) {
        this.worker = worker;
        this.setup = setup;
        this.state = state;
        this.background = new BackgroundFiles(worker);
    }

    /** What is written in the background. It has a lock of its own: who waits for it does not hold up the worker. */
    BackgroundFiles background() {
        return background;
    }

    /** Writes the share. */
    CheckpointShare.Outcome write(CheckpointOrder order, CheckpointShare share) {
        try {
            return CheckpointShare.Outcome.written(
                    worker, files(order, share, state.updates(), state.file().pieces(ByteBuffer::allocate)));
        } catch (IOException failure) {
            return CheckpointShare.Outcome.failed(worker, BackgroundFiles.describe(failure));
        }
    }

    /** Copies what training is about to change, and has the share written in the background. */
    void begin(CheckpointOrder order, CheckpointShare share) {
        background.close();
        if (share.state()) {
            copy.take(state.file());
        }
        long updates = state.updates();
        background.begin(order.attempt(), () -> files(order, share, updates, copy.pieces()));
    }

    private List<FileRecord> files(
            CheckpointOrder order, CheckpointShare share, long updates, Iterator<ByteBuffer> pieces)
            throws IOException {
        Path folder = new Path(order.folder());
        List<FileRecord> files = new ArrayList<>();
        if (share.state()) {
            files.add(state.file().write(folder, order.round().version(), updates, pieces));
        }
        VersionFiles flat = new VersionFiles(setup, order.blocks(), folder);
        for (CheckpointPart part : share.parts()) {
            files.add(flat.write(part));
        }
        return files;
    }

    /** Abandons what is being written. */
    @Override
    public void close() {
        background.close();
    }
}
