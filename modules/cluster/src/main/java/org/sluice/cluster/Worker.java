package org.sluice.cluster;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.sluice.cluster.control.Positions;
import org.sluice.cluster.watch.WorkerActivity;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.Tensor;
import org.sluice.training.NamedState;
import org.sluice.training.Replica;
import org.sluice.training.RoutedBatch;
import org.sluice.training.StepResult;
import org.sluice.training.TrainingBlock;

/**
 * A replica that lives in an executor.
 *
 * <p>It remembers which version of the parameters its optimizer's state belongs to, and works from no other. While local steps run the
 * state belongs to none: a task that fails then leaves a torn worker, which is used again only where it may be restored from a
 * checkpoint. A task that is repeated after its round was done gets what the first one got.
 */
final class Worker implements Participant, AutoCloseable {
    private static final long NONE = -1;

    private final int number;
    private final WorkerSetup setup;
    private final Backend backend;
    private final Replica replica;
    private final BlockSource.Feed feed;
    private final WorkerState state;
    private final WorkerCheckpoint checkpoint;
    private final ParameterExchange parameters;
    private final FragmentExchange exchange;
    private long trainedVersion = NONE;
    private double receiveSeconds;
    private double countSeconds;
    private WorkerReport lastReport;
    private final WorkerActivity activity;
    private volatile boolean closed;

    /** @param run that it belongs to, unique in the cluster */
    Worker(String run, int number, WorkerSetup setup) {
        this.number = number;
        this.setup = setup;
        TrainingPlan plan = setup.plan();
        this.backend = Backends.open(
                plan.cluster().backend(), setup.cores(), plan.cluster().precision());
        try {
            this.replica = new Replica(
                    plan.model(),
                    plan.training().fittedTo(plan.cluster().largestShare()),
                    backend,
                    setup.blocks().blockLength());
        } catch (RuntimeException | Error failure) {
            backend.close();
            throw failure;
        }
        try {
            this.parameters = ParameterExchange.of(
                    number, setup, backend, replica.decoder().parameters(), averaged());
        } catch (RuntimeException | Error failure) {
            replica.close();
            backend.close();
            throw failure;
        }
        try {
            this.state = new WorkerState(number, setup, replica, parameters, backend.memory());
            this.checkpoint = new WorkerCheckpoint(number, setup, state);
            this.exchange = new FragmentExchange(
                    number,
                    setup.layout(),
                    parameters,
                    expertRuns(),
                    1 + averaged().size());
            this.feed = setup.blocks().open(setup.hadoop());
            this.activity = WorkerActivity.begin(run, plan.variant(), number);
        } catch (RuntimeException | Error failure) {
            parameters.close();
            replica.close();
            backend.close();
            throw failure;
        }
    }

    /** Null where experts are weighted as all other parameters are. */
    private ExpertRuns expertRuns() {
        return setup.plan().cluster().expertWeighting()
                ? new ExpertRuns(setup.layout(), replica.decoder().layout().expertRanges())
                : null;
    }

    @Override
    public synchronized void receive(RoundOrder order, List<IncomingFragment> global) {
        requireOpen();
        state.require(order);
        takeParameters(global);
    }

    @Override
    public synchronized RoutedBatch countExperts(RoundOrder order, List<IncomingFragment> global) {
        requireOpen();
        state.require(order);
        takeParameters(global);
        long start = System.nanoTime();
        RoutedBatch counted = replica.countExperts(blocks(order, 0));
        countSeconds = secondsSince(start);
        return counted;
    }

    @Override
    public synchronized WorkerReport run(RoundOrder order, List<IncomingFragment> global, Runnable stopIfKilled) {
        requireOpen();
        if (trainedVersion == order.nextVersion()) {
            return lastReport;
        }
        state.require(order);
        if (order.sending() != null) {
            exchange.setAside(order.sending());
        }
        takeParameters(global);
        long start = System.nanoTime();
        activity.roundBegins(order.nextVersion());
        List<WorkerReport.LocalStep> steps;
        try {
            steps = train(order, stopIfKilled);
        } finally {
            activity.roundEnds();
        }
        lastReport = new WorkerReport(
                number,
                SparkEnv.get().executorId(),
                SparkEnv.get().blockManager().blockManagerId().host(),
                steps,
                receiveSeconds,
                secondsSince(start) + countSeconds);
        receiveSeconds = 0;
        countSeconds = 0;
        exchange.trained(order, lastReport);
        state.end(order.nextVersion());
        trainedVersion = order.nextVersion();
        return lastReport;
    }

    /** Takes what it does not have of the current parameters. */
    private void takeParameters(List<IncomingFragment> global) {
        long start = System.nanoTime();
        exchange.take(global);
        double seconds = secondsSince(start);
        receiveSeconds += seconds;
        activity.received(seconds);
    }

    private List<WorkerReport.LocalStep> train(RoundOrder order, Runnable stopIfKilled) {
        state.begin();
        exchange.begin();
        trainedVersion = NONE;
        try {
            List<WorkerReport.LocalStep> steps = new ArrayList<>();
            for (int local = 0; local < order.localSteps(); local++) {
                stopIfKilled.run();
                List<TrainingBlock> blocks = blocks(order, local);
                if (!blocks.isEmpty()) {
                    steps.add(step(order, order.firstStep() + local, blocks));
                }
            }
            return List.copyOf(steps);
        } catch (RuntimeException | Error failure) {
            state.tear(failure);
            exchange.tear();
            throw failure;
        }
    }

    private WorkerReport.LocalStep step(RoundOrder order, long step, List<TrainingBlock> blocks) {
        long start = System.nanoTime();
        StepResult result = order.batch() == null
                ? replica.step(step, state.updates(), blocks)
                : replica.step(step, state.updates(), blocks, order.batch());
        state.updated();
        long tokens = (long) blocks.size() * setup.blocks().blockLength();
        double seconds = secondsSince(start) + countSeconds;
        activity.holds(allocatedBytes() + backend.workspaceBytes());
        activity.stepDone(step + 1, result.loss(), result.gradientNorm(), tokens, seconds);
        return new WorkerReport.LocalStep(result, tokens, seconds);
    }

    private List<TrainingBlock> blocks(RoundOrder order, int local) {
        long trainBlocks = setup.blocks().trainBlocks();
        List<TrainingBlock> blocks = new ArrayList<>();
        for (Positions positions : order.deal().share(local, number)) {
            for (long at = positions.from(); at < positions.to(); ) {
                long from = at % trainBlocks;
                long count = Math.min(positions.to() - at, trainBlocks - from);
                blocks.addAll(feed.read(from, from + count));
                at += count;
            }
        }
        return blocks;
    }

    private static double secondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) * 1e-9;
    }

    /** Not synchronized: it only counts. */
    @Override
    public void received(long bytes) {
        activity.received(bytes);
    }

    /** Not synchronized: the worker may be training in the next round. */
    @Override
    public void fetch(RoundOrder order, List<IncomingFragment> global) {
        requireOpen();
        exchange.fetch(global);
    }

    /** Not synchronized, as {@link #fetch}. */
    @Override
    public Contribution contribution(RoundOrder order, int slice) {
        requireOpen();
        return exchange.contribution(order, slice);
    }

    /**
     * Writes its share of a checkpoint.
     *
     * @throws WorkerStateException if the worker has no state of the order's version and may not restore it
     */
    synchronized CheckpointShare.Outcome writeCheckpoint(CheckpointOrder order, CheckpointShare share) {
        requireOpen();
        requireStateFor(order, share);
        return checkpoint.write(order, share);
    }

    /**
     * Copies what training is about to change, and has its share of a checkpoint written in the background.
     *
     * @throws WorkerStateException if the worker has no state of the order's version and may not restore it
     */
    synchronized CheckpointShare.Outcome beginCheckpoint(CheckpointOrder order, CheckpointShare share) {
        requireOpen();
        if (!checkpoint.background().holds(order.attempt())) {
            requireStateFor(order, share);
            checkpoint.begin(order, share);
        }
        return CheckpointShare.Outcome.running(number);
    }

    private void requireStateFor(CheckpointOrder order, CheckpointShare share) {
        if (!share.state()) {
            return;
        }
        state.require(order.round());
        if (parameters.residual().isPresent() && !exchange.has(order.round().version())) {
            throw new WorkerStateException(
                    "worker " + number + " has not received version "
                            + order.round().version()
                            + " of the parameters yet, and knows what rounding left over only then",
                    null);
        }
    }

    /** What is written of a checkpoint in the background. It has a lock of its own: who waits for it does not hold up the worker. */
    BackgroundFiles checkpointFiles() {
        return checkpoint.background();
    }

    /** What of the optimizer's state travels with the parameters. */
    private List<Tensor> averaged() {
        return setup.plan().cluster().innerState() == InnerState.AVERAGED
                ? replica.optimizerState().stream().map(NamedState::tensor).toList()
                : List.of();
    }

    /** The bytes of the backend's memory that it holds; {@link WorkerMemory#backend} says it beforehand. */
    long allocatedBytes() {
        return replica.allocatedBytes() + parameters.allocatedBytes();
    }

    private void requireOpen() {
        if (closed) {
            throw new WorkerStateException("worker " + number + " was closed: its run has ended or gone back", null);
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        activity.close();
        checkpoint.close();
        feed.close();
        parameters.close();
        replica.close();
        backend.close();
    }
}
