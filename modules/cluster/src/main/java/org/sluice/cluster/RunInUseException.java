package org.sluice.cluster;

/** Another process has the right to write into the run's folder. */
public final class RunInUseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RunInUseException(String message) {
        super(message);
    }
}
