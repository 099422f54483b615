package org.sluice.cluster;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sluice.cluster.control.Journal;
import org.sluice.cluster.control.Milestone;
import org.sluice.cluster.control.RoundPlan;

/** Writes what happens in a training into {@code metrics.jsonl}, and tells the listener. */
final class TrainingJournal implements Journal<WorkerReport> {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingJournal.class);

    private final RunFolder folder;
    private final TrainingPlan plan;
    private final SparkFleet fleet;
    private final int blockLength;
    private final TrainingListener listener;
    private double finalLoss = Double.NaN;

    TrainingJournal(RunFolder folder, TrainingPlan plan, SparkFleet fleet, int blockLength, TrainingListener listener) {
        this.folder = folder;
        this.plan = plan;
        this.fleet = fleet;
        this.blockLength = blockLength;
        this.listener = listener;
    }

    /** The loss of the last step done; NaN if there was none. */
    double finalLoss() {
        return finalLoss;
    }

    /** How far a milestone is. */
    Progress progress(Milestone milestone) {
        return Progress.of(milestone, plan.cluster().blocksPerStep(), blockLength);
    }

    @Override
    public void begins(Milestone from, List<Integer> crew) throws IOException {
        folder.requireHeld();
        folder.metrics().dropAfter(plan.variant(), progress(from));
        listener.started(new TrainingListener.Start(
                plan.variant(),
                fleet.parameters(),
                fleet.placements().stream().map(TrainingJournal::place).toList(),
                fleet.cores(),
                plan.cluster().precision(),
                progress(from),
                plan.training().steps()));
    }

    private static TrainingListener.Place place(WorkerPlacement placement) {
        return new TrainingListener.Place(placement.worker(), placement.executor(), placement.host());
    }

    @Override
    public void round(
            RoundPlan round,
            Milestone after,
            List<WorkerReport> reports,
            Map<Integer, String> uncounted,
            double seconds)
            throws IOException {
        RoundMetrics metrics = new RoundMetrics(
                plan,
                round,
                progress(round.from()),
                progress(after),
                reports,
                uncounted,
                seconds,
                fleet.takeReceivedBytes());
        folder.requireHeld();
        folder.metrics().append(metrics.lines());
        List<TrainingListener.Step> steps = metrics.steps();
        finalLoss = steps.get(steps.size() - 1).loss();
        steps.forEach(listener::step);
        listener.workers(metrics.workers());
        listener.round(metrics.round());
        metrics.uncounted().forEach(listener::uncounted);
    }

    @Override
    public void goesBack(Milestone to, String cause, int attempt) {
        LOG.warn("Training of {} goes back to round {}: {}", plan.variant(), to.round(), cause);
        listener.recovery(new TrainingListener.Recovery(
                plan.variant(), cause, attempt, plan.cluster().recoveries(), progress(to)));
    }
}
