package org.sluice.cluster;

import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;

/** One generation of workers: from a start point on until the end, a stop or a failure. */
final class TrainingSession {
    private final JavaSparkContext context;
    private final RunFolder folder;
    private final TrainingPlan plan;
    private final CheckpointStore store;
    private final CheckpointStore.StartPoint start;
    private final WorkerSetup setup;
    private final ExecutorWatch watch;
    private final String run;
    private final int generation;
    private final TrainingListener listener;
    private final BooleanSupplier stopRequested;
    private List<WorkerPlacement> placements;
    private Progress progress;
    private Progress lastCheckpoint;
    private String lastCheckpointFolder;
    private double finalLoss = Double.NaN;

    TrainingSession(
            JavaSparkContext context,
            RunFolder folder,
            CheckpointStore store,
            CheckpointStore.StartPoint start,
            WorkerSetup setup,
            List<WorkerPlacement> placements,
            ExecutorWatch watch,
            String run,
            int generation,
            TrainingListener listener,
            BooleanSupplier stopRequested) {
        this.context = context;
        this.folder = folder;
        this.plan = setup.plan();
        this.store = store;
        this.start = start;
        this.setup = setup;
        this.placements = placements;
        this.watch = watch;
        this.run = run;
        this.generation = generation;
        this.listener = listener;
        this.stopRequested = stopRequested;
        this.progress = start.progress();
        this.lastCheckpoint = start.folder() == null ? null : start.progress();
        this.lastCheckpointFolder = start.folder();
    }

    Progress progress() {
        return progress;
    }

    /** The newest checkpoint's folder; null if there is none. */
    String checkpointFolder() {
        return lastCheckpointFolder;
    }

    /** The loss of the last step done; NaN if there was none. */
    double finalLoss() {
        return finalLoss;
    }

    /** Trains until all steps are done or a stop is requested, and leaves a checkpoint of what is done. */
    void train() throws IOException {
        listener.started(new TrainingListener.Start(
                plan.variant(),
                setup.layout().elements(),
                placements.stream().map(WorkerPlacement::executor).toList(),
                setup.cores(),
                plan.cluster().precision(),
                progress,
                plan.training().steps()));
        Exchange exchange = new Exchange(context, setup.layout(), ExchangeRules.of(plan), setup);
        String jobGroup = run + "-" + generation;
        context.setJobGroup(jobGroup, plan.variant() + ": start", false);
        watch.guard(jobGroup, placements);
        try {
            exchange.startFrom(progress.round(), new StartSlices(setup, start.folder()), placements);
            while (progress.step() < plan.training().steps() && !stopRequested.getAsBoolean()) {
                round(exchange);
                boolean due = progress.round() % plan.cluster().checkpointRounds() == 0
                        || progress.step() == plan.training().steps();
                if (due) {
                    TrainingListener.Checkpoint written = checkpoint(exchange);
                    folder.metrics().append(List.of(RoundMetrics.line(written, relative(written.folder()))));
                }
            }
            if (!progress.equals(lastCheckpoint)) {
                // It is the stop's, not the training's: the metrics are to be those of a training that was never
                // stopped.
                checkpoint(exchange);
            }
        } finally {
            exchange.discard();
            context.clearJobGroup();
        }
    }

    private String relative(String checkpoint) {
        return folder.root().toUri().relativize(new Path(checkpoint).toUri()).getPath();
    }

    private RoundOrder order() {
        int localSteps =
                (int) Math.min(plan.cluster().localSteps(), plan.training().steps() - progress.step());
        return new RoundOrder(
                run,
                generation,
                progress.round(),
                progress.step(),
                localSteps,
                new RoundOrder.RestorePoint(start.progress().round(), start.folder()),
                null);
    }

    /** Experts are balanced over the batch of all workers where that is one step: what each expert gets is counted before. */
    private RoundOrder orderWithBatch(Exchange exchange) {
        RoundOrder order = order();
        boolean counted = order.isOneStep()
                && plan.cluster().workers() > 1
                && plan.training().hasRouterLosses(plan.model());
        if (!counted) {
            return order;
        }
        context.setJobDescription(plan.variant() + ": experts of round " + (progress.round() + 1));
        return order.with(exchange.countExperts(order, placements));
    }

    private void round(Exchange exchange) throws IOException {
        long begin = System.nanoTime();
        RoundOrder order = orderWithBatch(exchange);
        context.setJobDescription(plan.variant() + ": round " + (progress.round() + 1));
        List<WorkerReport> reports = exchange.round(order, placements);
        double seconds = (System.nanoTime() - begin) * 1e-9;
        RoundMetrics metrics = new RoundMetrics(plan, progress, reports, seconds, exchange.takeReceivedBytes());
        folder.requireHeld();
        folder.metrics().append(metrics.lines());
        // A worker may have been started elsewhere than planned; it stays where it is.
        placements = reports.stream()
                .map(report -> new WorkerPlacement(report.worker(), report.executor(), report.host()))
                .toList();
        watch.add(placements);
        progress = metrics.after();
        List<TrainingListener.Step> steps = metrics.steps();
        finalLoss = steps.get(steps.size() - 1).loss();
        steps.forEach(listener::step);
        listener.round(metrics.round());
    }

    private TrainingListener.Checkpoint checkpoint(Exchange exchange) throws IOException {
        context.setJobDescription(plan.variant() + ": checkpoint of round " + progress.round());
        folder.requireHeld();
        exchange.bringResiduals(order(), placements);
        TrainingListener.Checkpoint written =
                store.write(context, exchange.current(), setup, order(), placements, progress);
        lastCheckpoint = progress;
        lastCheckpointFolder = written.folder();
        listener.checkpoint(written);
        return written;
    }
}
