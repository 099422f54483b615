package org.sluice.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sluice.cluster.control.Deal;
import org.sluice.cluster.control.Fleet;
import org.sluice.cluster.control.Milestone;
import org.sluice.cluster.control.Outcome;
import org.sluice.cluster.control.Portion;
import org.sluice.cluster.control.RoundPlan;
import org.sluice.cluster.preflight.Verdict;
import org.sluice.model.ParameterLayout;

/**
 * The workers in the executors of a Spark session.
 *
 * <p>A round is two jobs: in the first every worker trains in its executor, in the second those whose work counts send it to the owners of
 * the slices, who make the next version. Between them the driver decides whose work counts.
 */
final class SparkFleet implements Fleet<WorkerReport> {
    private static final Logger LOG = LoggerFactory.getLogger(SparkFleet.class);

    /** A cluster manager takes some seconds to kill an executor that does not listen. */
    private static final Duration KILLING = Duration.ofSeconds(30);

    private static final Deal NOTHING = new Deal(List.of(), 0, 0, 1, List.of(), 0);

    private final JavaSparkContext context;
    private final RunFolder folder;
    private final TrainingPlan plan;
    private final BlockSource blocks;
    private final CheckpointStore store;
    private final TrainingListener listener;
    private final String run;
    private final Broadcast<SerializableConfiguration> hadoop;
    private final ExecutorWatch watch;
    private final ExecutorRoster roster;
    private final WatchedJobs jobs;
    private final SliceLayout layout;
    private final WorkerPlaces places = new WorkerPlaces();
    private final Muster muster;
    private final Set<String> stuck = new HashSet<>();
    private CheckpointStore.StartPoint start;
    private WorkerSetup setup;
    private Exchange exchange;
    private TrainingJob training;
    private FleetCheckpoints checkpoints;
    private int cores;
    private int generation = -1;

    SparkFleet(
            JavaSparkContext context,
            RunFolder folder,
            TrainingPlan plan,
            BlockSource blocks,
            CheckpointStore store,
            CheckpointStore.StartPoint start,
            TrainingListener listener,
            String run,
            Broadcast<SerializableConfiguration> hadoop,
            ExecutorWatch watch) {
        this.context = context;
        this.folder = folder;
        this.plan = plan;
        this.blocks = blocks;
        this.store = store;
        this.listener = listener;
        this.run = run;
        this.hadoop = hadoop;
        this.watch = watch;
        this.roster = new ExecutorRoster(context, watch::lost);
        this.jobs = new WatchedJobs(context, watch, plan.variant(), run);
        this.layout = SliceLayout.of(
                ParameterLayout.of(plan.model()).elements(),
                plan.cluster().sliceElements(),
                plan.cluster().workers(),
                plan.cluster().streaming().fragments());
        this.start = start;
        this.muster = new Muster(places, roster::await, this::inspect, listener::warned);
        jobs.inRound(start.milestone().round() + 1);
    }

    /** The cores of each worker's backend, once workers were mustered. */
    int cores() {
        return cores;
    }

    /** Where the workers live, in the order of their numbers. */
    List<WorkerPlacement> placements() {
        return places.all();
    }

    /** The bytes that workers and owners have received since this was asked last. */
    long takeReceivedBytes() {
        return exchange.takeReceivedBytes();
    }

    /** The parameters of the model. */
    long parameters() {
        return layout.elements();
    }

    /** The newest checkpoint's folder; null if there is none. */
    String checkpointFolder() {
        return checkpoints.newestFolder();
    }

    @Override
    public double seconds() {
        return System.nanoTime() * 1e-9;
    }

    @Override
    public List<Integer> muster(int least, int most) {
        if (exchange != null) {
            checkpoints.poll();
        }
        stuck.retainAll(watch.busy(stuck));
        muster.fill(least, most, gone(), stuck);
        if (cores == 0) {
            cores = coresPerWorker();
        }
        return places.all().stream().map(WorkerPlacement::worker).toList();
    }

    private Verdict inspect(List<WorkerPlacement> workers) {
        watch.begin(WatchedJobs.executors(places.all()));
        return new Preflight(context, folder, plan, blocks, layout, hadoop, jobs).of(workers);
    }

    /** Decided once and kept in the checkpoints, as another number of cores may round differently. */
    private int coresPerWorker() {
        if (plan.cluster().coresPerWorker() > 0) {
            return plan.cluster().coresPerWorker();
        }
        return start.coresPerWorker() > 0 ? start.coresPerWorker() : roster.coresPerWorker(places.all());
    }

    @Override
    public Set<Integer> load(Milestone from, List<Integer> crew) {
        generation++;
        jobs.inRound(from.round() + 1);
        watch.begin(WatchedJobs.executors(places.all()));
        setup = new WorkerSetup(plan, layout, blocks, cores, hadoop);
        exchange = new Exchange(
                context,
                layout,
                ExchangeRules.of(plan),
                setup,
                plan.cluster().shape(plan.training().steps()).isElastic() ? 2 : 1);
        checkpoints = new FleetCheckpoints(
                new CheckpointSeries(context, folder, store, start, setup, listener), exchange, jobs, watch);
        jobs.run("start", places.all(), () -> {
            exchange.startFrom(from.round(), new StartSlices(setup, start.folder()), places.all());
            return null;
        });
        Set<Integer> holders = new TreeSet<>(crew);
        if (start.folder() != null) {
            holders.retainAll(start.workers());
        }
        return holders;
    }

    @Override
    public void train(RoundPlan round) {
        endTraining();
        jobs.inRound(round.nextVersion());
        watch.begin(WatchedJobs.executors(places.all()));
        List<WorkerPlacement> crew = places.of(
                round.deal().crew().stream().filter(round.deal()::deals).collect(Collectors.toSet()));
        RoundOrder order = counted(order(round), crew);
        try {
            training = new TrainingJob(
                    context, watch, jobs, exchange.training(order, crew), crew, "round " + round.nextVersion());
        } catch (RuntimeException failure) {
            throw jobs.failure(failure);
        }
    }

    private RoundOrder order(RoundPlan round) {
        return new RoundOrder(
                run,
                generation,
                round.from().round(),
                round.firstStep(),
                round.deal(),
                round.fresh(),
                new RoundOrder.RestorePoint(start.milestone().round(), start.folder()),
                round.sending().isEmpty() ? null : new Sending(round.from().round(), round.sending()),
                null);
    }

    /** Experts are balanced over the batch of all workers where that is one step: what each expert gets is counted before. */
    private RoundOrder counted(RoundOrder order, List<WorkerPlacement> crew) {
        boolean isCounted = order.isOneStep()
                && !plan.cluster().streaming().isOn()
                && crew.size() > 1
                && plan.training().hasRouterLosses(plan.model());
        return isCounted
                ? order.with(jobs.run(
                        "experts of round " + order.nextVersion(), crew, () -> exchange.countExperts(order, crew)))
                : order;
    }

    @Override
    public Optional<Outcome<WorkerReport>> await(double until) {
        try {
            Optional<Outcome<WorkerReport>> outcome = training.await(until - seconds());
            if (outcome.isPresent() && outcome.get() instanceof Outcome.Trained<WorkerReport> trained) {
                WorkerReport report = trained.report();
                // A worker may have been started elsewhere than planned; it stays where it is.
                places.moved(new WorkerPlacement(report.worker(), report.executor(), report.host()));
            }
            return outcome;
        } catch (Exception failure) {
            throw jobs.failure(failure);
        }
    }

    @Override
    public void abandon(Set<Integer> workers) {
        stuck.addAll(WatchedJobs.executors(places.of(workers)));
        endTraining();
        replaceSilent(workers);
    }

    /** An executor that stands still holds slices that others would wait for; one that is only slow does not. */
    @Override
    public void replaceSilent(Set<Integer> workers) {
        long interval = context.sc().conf().getTimeAsMs("spark.executor.heartbeatInterval", "10s");
        Set<String> silent = watch.silent(WatchedJobs.executors(places.of(workers)), Duration.ofMillis(2 * interval));
        for (String executor : silent) {
            LOG.warn("Executor {} gives no sign of life; it is killed and replaced", executor);
            context.sc().killAndReplaceExecutor(executor);
        }
        watch.awaitLoss(silent, KILLING);
    }

    private void endTraining() {
        if (training != null) {
            training.close();
            training = null;
        }
    }

    @Override
    public Map<Integer, Double> merge(RoundPlan round, List<WorkerReport> reports, Portion portion) {
        if (!portion.overlapped()) {
            endTraining();
        }
        List<WorkerPlacement> counted =
                places.of(reports.stream().map(WorkerReport::worker).collect(Collectors.toSet()));
        RoundOrder done =
                order(round).with(portion.overlapped() ? new Sending(round.nextVersion(), portion.fragments()) : null);
        return jobs.run(
                "exchange of round " + round.nextVersion(),
                counted,
                () -> exchange.merge(done, counted, portion.fragments()));
    }

    @Override
    public void publish(RoundPlan round, Portion portion) {
        exchange.publish();
        if (portion.overlapped()) {
            jobs.run("version " + round.nextVersion() + " to the workers", places.all(), () -> {
                exchange.fetch(order(round), places.all());
                return null;
            });
        }
    }

    @Override
    public Set<Integer> gone() {
        Set<String> lost = watch.lost();
        return places.all().stream()
                .filter(placement -> lost.contains(placement.executor()))
                .map(WorkerPlacement::worker)
                .collect(Collectors.toSet());
    }

    @Override
    public void checkpoint(Milestone milestone, Set<Integer> holders, boolean last) throws IOException {
        jobs.inRound(milestone.round());
        checkpoints.write(content(milestone, holders), last);
    }

    /** All workers that are there write it; those of them that have a state of the version keep that in it. */
    private CheckpointContent content(Milestone milestone, Set<Integer> holders) {
        Set<Integer> gone = gone();
        List<WorkerPlacement> writers = places.all().stream()
                .filter(placement -> !gone.contains(placement.worker()) && !stuck.contains(placement.executor()))
                .toList();
        boolean kept = plan.cluster().innerState() == InnerState.LOCAL
                || plan.cluster().wireFormat().keepsResiduals();
        RoundOrder now = new RoundOrder(
                run,
                generation,
                milestone.round(),
                milestone.step(plan.cluster().blocksPerStep()),
                NOTHING,
                Set.of(),
                new RoundOrder.RestorePoint(start.milestone().round(), start.folder()),
                null,
                null);
        return new CheckpointContent(now, writers, kept ? holders : Set.of(), milestone, isDue(milestone));
    }

    /** One that is not due is the stop's, not the training's: the metrics are to be those of a training that was never stopped. */
    private boolean isDue(Milestone milestone) {
        return milestone.round() > start.milestone().round() && plan.hasCheckpointAt(milestone);
    }

    private void settleCheckpoint() {
        if (exchange != null && !context.sc().isStopped()) {
            checkpoints.settle();
        }
    }

    @Override
    public Milestone newest() throws IOException {
        endTraining();
        settleCheckpoint();
        start = store.newest(listener);
        return start.milestone();
    }

    @Override
    public void dismiss() {
        endTraining();
        settleCheckpoint();
        places.clear();
        if (exchange != null) {
            exchange.discard();
            exchange = null;
        }
    }
}
