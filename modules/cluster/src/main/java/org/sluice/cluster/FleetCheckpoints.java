package org.sluice.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checkpoints of a generation of workers, which outlive the loss of those who write them: one that was being written is given up then. */
final class FleetCheckpoints {
    private static final Logger LOG = LoggerFactory.getLogger(FleetCheckpoints.class);

    private final CheckpointSeries series;
    private final Exchange exchange;
    private final WatchedJobs jobs;
    private final ExecutorWatch watch;

    /** What is done about a checkpoint. */
    @FunctionalInterface
    private interface Writing {
        void run() throws IOException;
    }

    FleetCheckpoints(CheckpointSeries series, Exchange exchange, WatchedJobs jobs, ExecutorWatch watch) {
        this.series = series;
        this.exchange = exchange;
        this.jobs = jobs;
        this.watch = watch;
    }

    /** The newest finished checkpoint's folder; null if there is none. */
    String newestFolder() {
        return series.newestFolder();
    }

    /**
     * Begins a checkpoint of the current version, unless there is one.
     *
     * @param last whether it must be whole when this returns
     */
    void write(CheckpointContent content, boolean last) throws IOException {
        dropLost();
        if (!series.covers(content.milestone())) {
            List<WorkerPlacement> keepers = content.placements().stream()
                    .filter(placement -> content.keepers().contains(placement.worker()))
                    .toList();
            writing(content.placements(), () -> {
                exchange.bringResiduals(content.order(), keepers);
                series.begin(exchange, content);
            });
        }
        if (last) {
            writing(content.placements(), () -> series.finish(exchange, content));
        }
    }

    /** Sees whether the checkpoint that is being written has become whole. */
    void poll() {
        dropLost();
        List<WorkerPlacement> writers = series.writers();
        if (!writers.isEmpty()) {
            try {
                writing(writers, () -> series.poll(exchange));
            } catch (IOException failure) {
                throw new UncheckedIOException("the run's folder cannot be written: " + failure.getMessage(), failure);
            }
        }
    }

    /** After a failure: training goes back no further than it must, but waits for nobody who is gone. */
    void settle() {
        try {
            dropLost();
            List<WorkerPlacement> writers = series.writers();
            if (!writers.isEmpty()) {
                writing(writers, () -> series.finishPending(exchange));
            }
        } catch (IOException | RuntimeException failure) {
            LOG.warn("The checkpoint that was being written is given up", failure);
        }
    }

    /** A checkpoint that a lost executor had a share in will never be whole. */
    private void dropLost() {
        Set<String> lost = watch.lost();
        series.writers().stream()
                .map(WorkerPlacement::executor)
                .filter(lost::contains)
                .findFirst()
                .ifPresent(executor -> series.abandon(exchange, jobs.causeOfLoss(executor)));
    }

    private void writing(List<WorkerPlacement> writers, Writing work) throws IOException {
        try {
            jobs.run("checkpoint", writers, () -> {
                try {
                    work.run();
                    return null;
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
        } catch (UncheckedIOException failure) {
            throw failure.getCause();
        }
    }
}
