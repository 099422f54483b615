package org.sluice.cluster.watch;

/**
 * What the driver knows of a worker.
 *
 * @param newest its newest heartbeat
 * @param secondsAgo when that came
 * @param standing how it does
 */
public record WorkerStatus(Heartbeat newest, double secondsAgo, Standing standing) {

    /** How a worker does, compared with the others. */
    public enum Standing {
        /** As the others. */
        ON_TIME,
        /** Its steps take more than twice the time of the median worker's. */
        SLOW,
        /** Its heartbeats have stopped. */
        SILENT
    }

    /** {@code worker 3 in executor 1 on host7}. */
    String name() {
        return "worker " + newest.worker() + " in executor " + newest.executor() + " on " + newest.host();
    }
}
