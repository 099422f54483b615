package org.sluice.cluster;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sluice.model.checkpoint.FileRecord;

/**
 * The files of a checkpoint that a thread of its own writes for one worker, while the worker trains on in tasks. It takes no slot of the
 * executor's, and does not keep its JVM alive.
 */
final class BackgroundFiles implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundFiles.class);

    private final int worker;
    private long attempt;
    private FutureTask<List<FileRecord>> files;
    private Thread thread;

    BackgroundFiles(int worker) {
        this.worker = worker;
    }

    /** Whether it was told to write that attempt, be it done or not. */
    synchronized boolean holds(long asked) {
        return files != null && attempt == asked;
    }

    /** Starts to write; what an earlier attempt still writes is abandoned first. */
    synchronized void begin(long begun, Callable<List<FileRecord>> writing) {
        close();
        attempt = begun;
        files = new FutureTask<>(writing);
        thread = new Thread(files, "sluice-checkpoint-worker-" + worker);
        thread.setDaemon(true);
        thread.start();
    }

    /** How far it is; returns at once. */
    CheckpointShare.Outcome poll(long asked) {
        FutureTask<List<FileRecord>> asking = files(asked);
        return asking == null || asking.isDone() ? outcome(asking) : CheckpointShare.Outcome.running(worker);
    }

    /** Waits until it is done. */
    CheckpointShare.Outcome await(long asked) {
        return outcome(files(asked));
    }

    private synchronized FutureTask<List<FileRecord>> files(long asked) {
        return holds(asked) ? files : null;
    }

    private CheckpointShare.Outcome outcome(FutureTask<List<FileRecord>> asking) {
        if (asking == null) {
            return CheckpointShare.Outcome.failed(
                    worker, "worker " + worker + " was set up anew, and has written nothing");
        }
        try {
            return CheckpointShare.Outcome.written(worker, asking.get());
        } catch (ExecutionException failure) {
            LOG.warn("Worker {} cannot write its files of a checkpoint", worker, failure.getCause());
            return failed(failure.getCause());
        } catch (CancellationException abandoned) {
            return failed(abandoned);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the wait for a checkpoint of worker " + worker + " was interrupted");
        }
    }

    private CheckpointShare.Outcome failed(Throwable cause) {
        return CheckpointShare.Outcome.failed(worker, describe(cause));
    }

    /** A failure in one line. */
    static String describe(Throwable cause) {
        String message = cause.getMessage() == null
                ? ""
                : ": " + cause.getMessage().lines().findFirst().orElse("");
        return cause.getClass().getSimpleName() + message;
    }

    /**
     * To be called between the pieces of a file.
     *
     * @throws InterruptedIOException if what this thread writes was abandoned
     */
    static void requireNotInterrupted() throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("the checkpoint is no longer wanted");
        }
    }

    /** Abandons what is being written. When this returns, nothing more is written: the folder may be used again. */
    @Override
    public synchronized void close() {
        if (thread == null) {
            return;
        }
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        thread = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
