package org.sluice.experiments;

import java.util.List;
import org.sluice.cluster.TrainingListener;

/** Is told how a comparison goes, on the thread that runs it. What it throws ends the comparison. */
public interface ComparisonListener {

    /** What is told of the training of each variant. */
    default TrainingListener training() {
        return TrainingListener.none();
    }

    /** A variant was finished in an earlier session and is left as it is. */
    default void finishedBefore(String variant) {}

    /**
     * An evaluation goes on.
     *
     * @param stage untrained or trained
     * @param done the held-out blocks that are done, at first 0
     * @param total the held-out blocks that will be
     */
    default void evaluating(String variant, EvaluationStage stage, long done, long total) {}

    /** An evaluation is done. */
    default void evaluated(String variant, EvaluationStage stage, EvaluationOutcome outcome) {}

    static ComparisonListener none() {
        return new ComparisonListener() {};
    }

    /** Tells several listeners, each time in this order. */
    static ComparisonListener all(List<ComparisonListener> listeners) {
        return new JoinedComparisonListener(listeners);
    }
}
