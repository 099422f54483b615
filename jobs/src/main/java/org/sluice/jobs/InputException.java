package org.sluice.jobs;

/** Something that the user gave is wrong. The message is all that the user needs: where, what, what was expected, what to do. */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public InputException(String message) {
        super(message);
    }

    public InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
