package org.sluice.cluster;

import java.util.List;
import java.util.function.Consumer;

/** Tells several listeners. */
record JoinedTrainingListener(List<TrainingListener> listeners) implements TrainingListener {

    JoinedTrainingListener {
        listeners = List.copyOf(listeners);
    }

    @Override
    public void warned(String message) {
        each(listener -> listener.warned(message));
    }

    @Override
    public void started(Start start) {
        each(listener -> listener.started(start));
    }

    @Override
    public void step(Step step) {
        each(listener -> listener.step(step));
    }

    @Override
    public void workers(WorkerTimes times) {
        each(listener -> listener.workers(times));
    }

    @Override
    public void round(Round round) {
        each(listener -> listener.round(round));
    }

    @Override
    public void uncounted(Uncounted uncounted) {
        each(listener -> listener.uncounted(uncounted));
    }

    @Override
    public void checkpoint(Checkpoint checkpoint) {
        each(listener -> listener.checkpoint(checkpoint));
    }

    @Override
    public void checkpointFailed(CheckpointFailure failure) {
        each(listener -> listener.checkpointFailed(failure));
    }

    @Override
    public void checkpointRefused(String message) {
        each(listener -> listener.checkpointRefused(message));
    }

    @Override
    public void recovery(Recovery recovery) {
        each(listener -> listener.recovery(recovery));
    }

    private void each(Consumer<TrainingListener> telling) {
        listeners.forEach(telling);
    }
}
