package org.sluice.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * What follows a checkpoint's marker: its line in the metrics, and the deletion of what it makes superfluous. A driver that is killed in
 * between leaves that undone, and who resumes does it then.
 */
final class CheckpointAftermath {
    private final RunFolder folder;
    private final CheckpointStore store;

    CheckpointAftermath(RunFolder folder, CheckpointStore store) {
        this.folder = folder;
        this.store = store;
    }

    /**
     * Tells of a checkpoint that has just been finished, and deletes older ones.
     *
     * @param content what it is of
     */
    void follow(CheckpointContent content, TrainingListener.Checkpoint written, TrainingListener listener)
            throws IOException {
        if (content.recorded()) {
            folder.metrics().append(List.of(RoundMetrics.line(written, relative(written.folder()))));
        }
        listener.checkpoint(written);
        store.deleteOld(content.milestone());
    }

    /**
     * Does what is undone of it.
     *
     * @param start the newest checkpoint
     * @param recorded whether the plan has a checkpoint there; one that is only a stop's has no line
     */
    void catchUp(CheckpointStore.StartPoint start, TrainingPlan plan, Progress progress, boolean recorded)
            throws IOException {
        folder.requireHeld();
        if (recorded && !isTold(plan.variant(), progress.round())) {
            // A line of which only a part was written goes, and so does what came after the checkpoint.
            folder.metrics().dropAfter(plan.variant(), progress);
            ObjectNode line = RoundMetrics.line(
                    new TrainingListener.Checkpoint(
                            plan.variant(), progress.round(), progress.step(), start.folder(), 0, 0, start.bytes()),
                    relative(start.folder()));
            // Nobody knows how long it took.
            line.remove(List.of("seconds", "waitedSeconds"));
            folder.metrics().append(List.of(line));
        }
        store.deleteOld(start.milestone());
    }

    private boolean isTold(String variant, long round) throws IOException {
        return folder.metrics().read().stream()
                .anyMatch(event -> event.path("event").asText().equals("checkpoint")
                        && event.path("variant").asText().equals(variant)
                        && event.path("round").asLong() == round);
    }

    private String relative(String checkpoint) {
        return folder.root().toUri().relativize(new Path(checkpoint).toUri()).getPath();
    }
}
