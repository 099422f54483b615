package org.sluice.experiments;

/** An evaluation could not be done. The message says of what, and why. */
public final class EvaluationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    EvaluationException(String message, Throwable cause) {
        super(message, cause);
    }
}
