package org.sluice.cluster.control;

/** Something in the executors is lost that the workers need to go on; from a checkpoint they can. */
public final class FleetException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param message what was lost and why, in one line */
    public FleetException(String message, Throwable cause) {
        super(message, cause);
    }
}
