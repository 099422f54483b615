package org.sluice.experiments;

import java.util.List;
import org.sluice.cluster.TrainingListener;

/** Tells several listeners. */
record JoinedComparisonListener(List<ComparisonListener> listeners) implements ComparisonListener {

    JoinedComparisonListener {
        listeners = List.copyOf(listeners);
    }

    @Override
    public TrainingListener training() {
        return TrainingListener.all(
                listeners.stream().map(ComparisonListener::training).toList());
    }

    @Override
    public void finishedBefore(String variant) {
        listeners.forEach(listener -> listener.finishedBefore(variant));
    }

    @Override
    public void evaluating(String variant, EvaluationStage stage, long done, long total) {
        listeners.forEach(listener -> listener.evaluating(variant, stage, done, total));
    }

    @Override
    public void evaluated(String variant, EvaluationStage stage, EvaluationOutcome outcome) {
        listeners.forEach(listener -> listener.evaluated(variant, stage, outcome));
    }
}
