package org.sluice.cluster;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.sluice.cluster.control.Positions;
import org.sluice.model.ExpertCounts;
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
    private final ExpertRuns expertRuns;
    private final ParameterExchange exchange;
    private long receivedVersion = NONE;
    private long trainedVersion = NONE;
    private double receiveSeconds;
    private double countSeconds;
    private WorkerReport lastReport;
    private ExpertCounts lastExperts;
    private boolean closed;

    Worker(int number, WorkerSetup setup) {
        this.number = number;
        this.setup = setup;
        TrainingPlan plan = setup.plan();
        this.backend = Backends.open(
                plan.cluster().backend(), setup.cores(), plan.cluster().precision());
        try {
            this.replica = new Replica(
                    plan.model(),
                    plan.training().fittedTo(setup.largestShare()),
                    backend,
                    setup.blocks().blockLength());
        } catch (RuntimeException | Error failure) {
            backend.close();
            throw failure;
        }
        try {
            this.exchange = ParameterExchange.of(
                    number, setup, backend, replica.decoder().parameters(), averaged());
        } catch (RuntimeException | Error failure) {
            replica.close();
            backend.close();
            throw failure;
        }
        try {
            this.state = new WorkerState(number, setup, replica, exchange, backend.memory());
            this.checkpoint = new WorkerCheckpoint(number, setup, state);
            this.expertRuns =
                    new ExpertRuns(setup.layout(), replica.decoder().layout().expertRanges());
            this.feed = setup.blocks().open(setup.hadoop());
        } catch (RuntimeException | Error failure) {
            exchange.close();
            replica.close();
            backend.close();
            throw failure;
        }
    }

    @Override
    public synchronized boolean takesUpdate(long version) {
        return exchange.takesUpdate(version);
    }

    @Override
    public synchronized void receive(RoundOrder order, Iterator<GlobalSlice> global) {
        requireOpen();
        state.require(order);
        takeParameters(order, global);
    }

    @Override
    public synchronized RoutedBatch countExperts(RoundOrder order, Iterator<GlobalSlice> global) {
        requireOpen();
        state.require(order);
        takeParameters(order, global);
        long start = System.nanoTime();
        RoutedBatch counted = replica.countExperts(blocks(order, 0));
        countSeconds = secondsSince(start);
        return counted;
    }

    @Override
    public synchronized WorkerReport run(RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled) {
        requireOpen();
        if (trainedVersion == order.nextVersion()) {
            return lastReport;
        }
        state.require(order);
        takeParameters(order, global);
        long start = System.nanoTime();
        List<WorkerReport.LocalStep> steps = train(order, stopIfKilled);
        lastReport = new WorkerReport(
                number,
                SparkEnv.get().executorId(),
                SparkEnv.get().blockManager().blockManagerId().host(),
                steps,
                receiveSeconds,
                secondsSince(start) + countSeconds);
        lastExperts = lastReport.experts();
        state.end(order.nextVersion());
        trainedVersion = order.nextVersion();
        return lastReport;
    }

    /** Takes the parameters of the order's version, unless they were taken to count experts with. */
    private void takeParameters(RoundOrder order, Iterator<GlobalSlice> global) {
        if (receivedVersion == order.version()) {
            return;
        }
        receivedVersion = NONE;
        trainedVersion = NONE;
        long start = System.nanoTime();
        global.forEachRemaining(slice -> exchange.take(slice, order.version()));
        receivedVersion = order.version();
        receiveSeconds = secondsSince(start);
        countSeconds = 0;
    }

    private List<WorkerReport.LocalStep> train(RoundOrder order, Runnable stopIfKilled) {
        state.begin();
        receivedVersion = NONE;
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
        return new WorkerReport.LocalStep(result, tokens, secondsSince(start) + countSeconds);
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

    @Override
    public synchronized Contribution contribution(RoundOrder order, int slice) {
        requireOpen();
        if (trainedVersion != order.nextVersion()) {
            throw new WorkerStateException(
                    "worker " + number + " has gone on since the round that made version " + order.nextVersion(), null);
        }
        return new Contribution(
                slice,
                List.of(number),
                lastReport.targets(),
                order.isOneStep()
                        ? List.of()
                        : ExpertRuns.repeated(
                                expertRuns.of(slice, lastExperts),
                                setup.layout().length(slice),
                                1 + averaged().size()),
                exchange.contribution(slice));
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
        if (exchange.residual().isPresent() && receivedVersion != order.round().version()) {
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
        checkpoint.close();
        feed.close();
        exchange.close();
        replica.close();
        backend.close();
    }
}
