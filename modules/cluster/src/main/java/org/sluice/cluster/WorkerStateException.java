package org.sluice.cluster;

/** A worker was asked for a round that it cannot do from the state it has. The driver answers by going back to a checkpoint. */
final class WorkerStateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * @param cause what tore the worker's state in an earlier attempt; null if it was simply not there
     */
    WorkerStateException(String message, Throwable cause) {
        super(message, cause);
    }
}
