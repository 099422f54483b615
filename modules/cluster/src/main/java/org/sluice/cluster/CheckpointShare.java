package org.sluice.cluster;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.sluice.model.checkpoint.FileRecord;

/**
 * What one worker writes of a checkpoint: what it keeps beside the parameters, and its share of the files that are made of slices.
 *
 * @param worker its number
 * @param state whether it has a state of the version, which is to be kept
 * @param parts beside its state
 */
record CheckpointShare(int worker, boolean state, List<CheckpointPart> parts) implements Serializable {

    /**
     * How far it is.
     *
     * @param done whether the worker has ended writing, well or not
     * @param files what it has written, once it is done
     * @param failure why it could not, in one line; null if it did or still does
     */
    record Outcome(int worker, boolean done, List<FileRecord> files, String failure) implements Serializable {
        static Outcome running(int worker) {
            return new Outcome(worker, false, List.of(), null);
        }

        static Outcome written(int worker, List<FileRecord> files) {
            return new Outcome(worker, true, List.copyOf(files), null);
        }

        static Outcome failed(int worker, String failure) {
            return new Outcome(worker, true, List.of(), failure);
        }
    }

    /**
     * Deals the parts out to workers.
     *
     * @param keepers those of them whose state is to be kept
     */
    static List<CheckpointShare> deal(List<CheckpointPart> parts, List<Integer> workers, Set<Integer> keepers) {
        List<CheckpointShare> shares = new ArrayList<>();
        for (int rank = 0; rank < workers.size(); rank++) {
            List<CheckpointPart> own = new ArrayList<>();
            for (int part = rank; part < parts.size(); part += workers.size()) {
                own.add(parts.get(part));
            }
            shares.add(new CheckpointShare(workers.get(rank), keepers.contains(workers.get(rank)), List.copyOf(own)));
        }
        return shares;
    }
}
