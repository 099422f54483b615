package org.sluice.cluster.watch;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.sluice.cluster.watch.WorkerStatus.Standing;

/** Judges workers by their newest heartbeats. */
final class Standings {
    /** Two may be lost or late. */
    private static final int MISSED = 3;

    private static final double SLOW = 2;

    /** Below that, what a step takes says more about the operating system than about the worker. */
    private static final double NOTICED_SECONDS = 0.1;

    private final double silentSeconds;

    /** @param interval between heartbeats */
    Standings(Duration interval) {
        this.silentSeconds = MISSED * interval.toNanos() * 1e-9;
    }

    /** A worker's newest heartbeat. */
    record Newest(Heartbeat heartbeat, long nanoTime) {}

    /**
     * The standing of each worker, in the order of their numbers.
     *
     * @param now by the same clock as the heartbeats
     */
    List<WorkerStatus> of(Collection<Newest> workers, long now) {
        double median = median(workers, now);
        return workers.stream()
                .sorted(Comparator.comparing(
                                (Newest newest) -> newest.heartbeat().variant())
                        .thenComparing(newest -> newest.heartbeat().worker()))
                .map(newest -> {
                    double secondsAgo = (now - newest.nanoTime()) * 1e-9;
                    return new WorkerStatus(newest.heartbeat(), secondsAgo, standing(newest, secondsAgo, now, median));
                })
                .toList();
    }

    private Standing standing(Newest newest, double secondsAgo, long now, double median) {
        if (secondsAgo > silentSeconds) {
            return Standing.SILENT;
        }
        return stepSeconds(newest, now) > Math.max(NOTICED_SECONDS, SLOW * median) ? Standing.SLOW : Standing.ON_TIME;
    }

    /** The time of its last step, or of the one that it is in if that is longer; NaN while nobody knows. */
    private static double stepSeconds(Newest newest, long now) {
        Heartbeat heartbeat = newest.heartbeat();
        if (!heartbeat.training() || Double.isNaN(heartbeat.stepSeconds())) {
            return heartbeat.stepSeconds();
        }
        return Math.max(heartbeat.stepSeconds(), heartbeat.secondsSinceChange() + (now - newest.nanoTime()) * 1e-9);
    }

    /** Of two the faster one: the other may be the slow one. Infinite for one alone, who has nobody to be compared with. */
    private static double median(Collection<Newest> workers, long now) {
        double[] seconds = workers.stream()
                .mapToDouble(newest -> stepSeconds(newest, now))
                .filter(value -> !Double.isNaN(value))
                .sorted()
                .toArray();
        return seconds.length < 2 ? Double.POSITIVE_INFINITY : seconds[(seconds.length - 1) / 2];
    }
}
