package org.sluice.cluster.control;

/** Training cannot get further; the newest checkpoint is good. */
public final class TrainingStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param message what goes on behind "training of X" */
    public TrainingStoppedException(String message, Throwable cause) {
        super(message, cause);
    }
}
