package org.sluice.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.FileRecord;

/** Notes what a training tells of its rounds and checkpoints, in order, and the hashes of each checkpoint's files when it is finished. */
class CheckpointWatcher implements TrainingListener {
    final List<String> told = new ArrayList<>();
    final List<CheckpointFailure> failures = new ArrayList<>();
    final List<Checkpoint> finished = new ArrayList<>();
    final List<String> refused = new ArrayList<>();
    final List<Long> startedFrom = new ArrayList<>();

    /** By round, of all checkpoints that were told of; the last time counts. */
    final Map<Long, Map<String, String>> hashes = new TreeMap<>();

    private final RunFolder folder;

    CheckpointWatcher(RunFolder folder) {
        this.folder = folder;
    }

    @Override
    public void started(Start start) {
        startedFrom.add(start.from().round());
    }

    @Override
    public void round(Round round) {
        told.add("round " + round.round());
    }

    @Override
    public void checkpoint(Checkpoint checkpoint) {
        told.add("checkpoint " + checkpoint.round());
        finished.add(checkpoint);
        hashes.put(checkpoint.round(), hashes(checkpoint.folder()));
    }

    private Map<String, String> hashes(String checkpoint) {
        try {
            Map<String, String> found = new TreeMap<>();
            for (FileRecord file : org.sluice.model.checkpoint.Checkpoint.open(
                            folder.hadoop(), new org.apache.hadoop.fs.Path(checkpoint))
                    .files()) {
                found.put(file.name(), file.sha256());
            }
            return found;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void checkpointFailed(CheckpointFailure failure) {
        told.add("failure " + failure.round());
        failures.add(failure);
    }

    @Override
    public void checkpointRefused(String message) {
        refused.add(message);
    }
}
