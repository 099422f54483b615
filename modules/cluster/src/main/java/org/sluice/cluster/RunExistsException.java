package org.sluice.cluster;

/** Training was to begin where there is training already; nothing has been touched. */
public final class RunExistsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RunExistsException(String message) {
        super(message);
    }
}
