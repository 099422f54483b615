package org.sluice.jobs.console;

import org.sluice.data.PreparationListener;

/** Shows how the preparation of a dataset goes on, stage after stage. */
public final class PreparationProgress implements PreparationListener, AutoCloseable {
    private final Console console;
    private Stage stage;
    private Progress progress;

    public PreparationProgress(Console console) {
        this.console = console;
    }

    @Override
    public synchronized void progress(Stage current, long done, long total) {
        if (current != stage) {
            close();
            stage = current;
            progress = console.progress(current.title(), total, 0, current == Stage.MERGES ? "merges" : "tasks");
        }
        progress.update(done, total, "");
    }

    @Override
    public synchronized void message(String message) {
        if (progress == null) {
            console.message(message);
        } else {
            progress.note(message);
        }
    }

    @Override
    public synchronized void close() {
        if (progress != null) {
            progress.close();
            progress = null;
            stage = null;
        }
    }
}
