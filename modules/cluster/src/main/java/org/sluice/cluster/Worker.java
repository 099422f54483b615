package org.sluice.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.sluice.model.ExpertCounts;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
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
    private final BlockSchedule schedule;
    private final Backend backend;
    private final Replica replica;
    private final BlockSource.Feed feed;
    private final WorkerStateFile stateFile;
    private final ExpertRuns expertRuns;
    private final ParameterExchange exchange;
    private long stateVersion = NONE;
    private long receivedVersion = NONE;
    private long trainedVersion = NONE;
    private double receiveSeconds;
    private double countSeconds;
    private WorkerReport lastReport;
    private ExpertCounts lastExperts;
    private Throwable tornBy;
    private boolean closed;

    Worker(int number, WorkerSetup setup) {
        this.number = number;
        this.setup = setup;
        this.schedule = setup.schedule();
        TrainingPlan plan = setup.plan();
        this.backend = Backends.open(
                plan.cluster().backend(), setup.cores(), plan.cluster().precision());
        try {
            this.replica = new Replica(
                    plan.model(),
                    plan.training().fittedTo(schedule.largestShare()),
                    backend,
                    setup.blocks().blockLength());
        } catch (RuntimeException | Error failure) {
            backend.close();
            throw failure;
        }
        try {
            this.exchange = ParameterExchange.of(
                    number, setup, backend, replica.decoder().parameters());
        } catch (RuntimeException | Error failure) {
            replica.close();
            backend.close();
            throw failure;
        }
        try {
            this.stateFile = new WorkerStateFile(number, states(), backend.memory(), setup.hadoop());
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
        requireStateOf(order);
        takeParameters(order, global);
    }

    @Override
    public synchronized RoutedBatch countExperts(RoundOrder order, Iterator<GlobalSlice> global) {
        requireOpen();
        requireStateOf(order);
        takeParameters(order, global);
        long start = System.nanoTime();
        RoutedBatch counted = replica.countExperts(blocks(order.firstStep()));
        countSeconds = secondsSince(start);
        return counted;
    }

    @Override
    public synchronized WorkerReport run(RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled) {
        requireOpen();
        if (trainedVersion == order.nextVersion()) {
            return lastReport;
        }
        requireStateOf(order);
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
        stateVersion = order.nextVersion();
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
        stateVersion = NONE;
        receivedVersion = NONE;
        try {
            List<WorkerReport.LocalStep> steps = new ArrayList<>();
            for (int local = 0; local < order.localSteps(); local++) {
                stopIfKilled.run();
                steps.add(step(order, order.firstStep() + local));
            }
            return List.copyOf(steps);
        } catch (RuntimeException | Error failure) {
            tornBy = failure;
            throw failure;
        }
    }

    private WorkerReport.LocalStep step(RoundOrder order, long step) {
        long start = System.nanoTime();
        List<TrainingBlock> blocks = blocks(step);
        StepResult result =
                order.batch() == null ? replica.step(step, blocks) : replica.step(step, blocks, order.batch());
        long tokens = (long) blocks.size() * setup.blocks().blockLength();
        return new WorkerReport.LocalStep(result, tokens, secondsSince(start) + countSeconds);
    }

    private List<TrainingBlock> blocks(long step) {
        List<TrainingBlock> blocks = new ArrayList<>();
        for (BlockSchedule.Range range : schedule.share(step, number)) {
            blocks.addAll(feed.read(range.from(), range.to()));
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
                order.isOneStep() ? List.of() : expertRuns.of(slice, lastExperts),
                exchange.contribution(slice),
                slice == 0 ? lastReport : null);
    }

    /** Makes sure that the optimizer's state is that of the order's version. */
    private void requireStateOf(RoundOrder order) {
        if (stateVersion == order.version()) {
            return;
        }
        if (order.version() != order.restore().version()) {
            String state = tornBy != null
                    ? "was torn by an earlier failure (" + tornBy + ")"
                    : stateVersion == NONE
                            ? "was never in executor " + SparkEnv.get().executorId()
                            : "is of version " + stateVersion;
            throw new WorkerStateException(
                    "worker " + number + " has no state of version " + order.version()
                            + " of the parameters: its state " + state,
                    tornBy);
        }
        try {
            restore(order.restore());
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "the state of worker " + number + " cannot be read from "
                            + order.restore().checkpoint() + ": " + failure.getMessage(),
                    failure);
        }
        stateVersion = order.version();
        tornBy = null;
    }

    private void restore(RoundOrder.RestorePoint point) throws IOException {
        if (point.checkpoint() == null) {
            states().forEach(state -> backend.memory().fill(state.tensor(), 0));
        } else {
            stateFile.read(new Path(point.checkpoint()));
        }
    }

    /**
     * Writes the optimizer's state into a checkpoint.
     *
     * @param order its version is the one that the checkpoint is of
     * @throws WorkerStateException if the worker has no state of that version and may not restore it
     */
    synchronized FileRecord writeState(RoundOrder order, Path folder) throws IOException {
        requireOpen();
        requireStateOf(order);
        if (exchange.residual().isPresent() && receivedVersion != order.version()) {
            throw new WorkerStateException(
                    "worker " + number + " has not received version " + order.version()
                            + " of the parameters yet, and knows what rounding left over only then",
                    null);
        }
        return stateFile.write(folder, order.version());
    }

    private List<NamedState> states() {
        List<NamedState> states = new ArrayList<>(replica.optimizerState());
        exchange.residual().ifPresent(states::add);
        return states;
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
        feed.close();
        exchange.close();
        replica.close();
        backend.close();
    }
}
