package org.sluice.cluster;

/** Training cannot go on; the message says what failed in the executors, and the cause is that failure where it is known. */
public final class TrainingFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TrainingFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
