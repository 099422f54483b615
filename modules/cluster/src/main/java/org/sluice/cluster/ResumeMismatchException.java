package org.sluice.cluster;

/** A checkpoint is of another training than the one that was to go on from it; the message lists every difference. */
public final class ResumeMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ResumeMismatchException(String message) {
        super(message);
    }
}
