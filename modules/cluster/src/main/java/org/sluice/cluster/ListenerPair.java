package org.sluice.cluster;

/** Two listeners as one; the first is told first. */
record ListenerPair(TrainingListener first, TrainingListener second) implements TrainingListener {
    @Override
    public void warned(String message) {
        first.warned(message);
        second.warned(message);
    }

    @Override
    public void started(Start start) {
        first.started(start);
        second.started(start);
    }

    @Override
    public void step(Step step) {
        first.step(step);
        second.step(step);
    }

    @Override
    public void workers(WorkerTimes times) {
        first.workers(times);
        second.workers(times);
    }

    @Override
    public void round(Round round) {
        first.round(round);
        second.round(round);
    }

    @Override
    public void uncounted(Uncounted uncounted) {
        first.uncounted(uncounted);
        second.uncounted(uncounted);
    }

    @Override
    public void checkpoint(Checkpoint checkpoint) {
        first.checkpoint(checkpoint);
        second.checkpoint(checkpoint);
    }

    @Override
    public void checkpointFailed(CheckpointFailure failure) {
        first.checkpointFailed(failure);
        second.checkpointFailed(failure);
    }

    @Override
    public void checkpointRefused(String message) {
        first.checkpointRefused(message);
        second.checkpointRefused(message);
    }

    @Override
    public void recovery(Recovery recovery) {
        first.recovery(recovery);
        second.recovery(recovery);
    }
}
