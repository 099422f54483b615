package org.sluice.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.CheckpointWriter;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.model.checkpoint.SafetensorsHeader;
import org.sluice.model.checkpoint.SafetensorsReader;
import org.sluice.model.checkpoint.SafetensorsTensor;
import org.sluice.model.checkpoint.SafetensorsWriter;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;
import org.sluice.tensor.Memory;
import org.sluice.training.NamedState;
import org.sluice.training.Replica;
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
    private static final int PIECE_BYTES = 4 << 20;

    private final int number;
    private final WorkerSetup setup;
    private final BlockSchedule schedule;
    private final Backend backend;
    private final Replica replica;
    private final BlockSource.Feed feed;
    private long stateVersion = NONE;
    private long parameterVersion = NONE;
    private WorkerReport lastReport;
    private Throwable tornBy;
    private boolean closed;

    Worker(int number, WorkerSetup setup) {
        this.number = number;
        this.setup = setup;
        this.schedule = setup.schedule();
        TrainingPlan plan = setup.plan();
        this.backend = Backends.open(plan.cluster().backend(), setup.cores());
        try {
            this.replica = new Replica(
                    plan.model(), plan.training(), backend, setup.blocks().blockLength());
        } catch (RuntimeException | Error failure) {
            backend.close();
            throw failure;
        }
        try {
            this.feed = setup.blocks().open(setup.hadoop());
        } catch (RuntimeException | Error failure) {
            replica.close();
            backend.close();
            throw failure;
        }
    }

    @Override
    public synchronized WorkerReport run(RoundOrder order, Iterator<GlobalSlice> global, Runnable stopIfKilled) {
        requireOpen();
        if (parameterVersion == order.nextVersion()) {
            return lastReport;
        }
        requireStateOf(order);
        parameterVersion = NONE;
        long start = System.nanoTime();
        Memory memory = backend.memory();
        global.forEachRemaining(slice -> memory.write(
                ByteBuffer.wrap(slice.parameters()),
                replica.decoder().parameters(),
                setup.layout().offset(slice.index())));
        double receiveSeconds = secondsSince(start);
        start = System.nanoTime();
        List<WorkerReport.LocalStep> steps = train(order, stopIfKilled);
        lastReport = new WorkerReport(
                number,
                SparkEnv.get().executorId(),
                SparkEnv.get().blockManager().blockManagerId().host(),
                steps,
                receiveSeconds,
                secondsSince(start));
        stateVersion = order.nextVersion();
        parameterVersion = order.nextVersion();
        return lastReport;
    }

    private List<WorkerReport.LocalStep> train(RoundOrder order, Runnable stopIfKilled) {
        stateVersion = NONE;
        try {
            List<WorkerReport.LocalStep> steps = new ArrayList<>();
            for (int local = 0; local < order.localSteps(); local++) {
                stopIfKilled.run();
                steps.add(step(order.firstStep() + local));
            }
            return List.copyOf(steps);
        } catch (RuntimeException | Error failure) {
            tornBy = failure;
            throw failure;
        }
    }

    private WorkerReport.LocalStep step(long step) {
        long start = System.nanoTime();
        List<TrainingBlock> blocks = new ArrayList<>();
        for (BlockSchedule.Range range : schedule.share(step, number)) {
            blocks.addAll(feed.read(range.from(), range.to()));
        }
        StepResult result = replica.step(step, blocks);
        long tokens = (long) blocks.size() * setup.blocks().blockLength();
        return new WorkerReport.LocalStep(result, tokens, secondsSince(start));
    }

    private static double secondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) * 1e-9;
    }

    @Override
    public synchronized byte[] parametersAfter(RoundOrder order, int slice) {
        requireOpen();
        if (parameterVersion != order.nextVersion()) {
            throw new WorkerStateException(
                    "worker " + number + " has gone on since the round that made version " + order.nextVersion(), null);
        }
        byte[] bytes = new byte[setup.layout().length(slice) * Float.BYTES];
        backend.memory().read(replica.decoder().parameters(), setup.layout().offset(slice), ByteBuffer.wrap(bytes));
        return bytes;
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
            replica.optimizerState().forEach(state -> backend.memory().fill(state.tensor(), 0));
            return;
        }
        Checkpoint checkpoint = Checkpoint.openVerified(setup.hadoop(), new Path(point.checkpoint()));
        try (SafetensorsReader reader = checkpoint.openSafetensors(stateFile(number))) {
            for (NamedState state : replica.optimizerState()) {
                SafetensorsTensor stored = reader.header().tensors().stream()
                        .filter(tensor -> tensor.name().equals(state.name()))
                        .findFirst()
                        .orElseThrow(() -> new IOException(stateFile(number) + " has no tensor " + state.name()));
                restore(reader, stored, state);
            }
        }
    }

    private void restore(SafetensorsReader reader, SafetensorsTensor stored, NamedState state) throws IOException {
        if (stored.length() != state.tensor().elements() * Float.BYTES) {
            throw new IOException("the tensor " + state.name() + " of " + stateFile(number) + " has " + stored.length()
                    + " bytes, expected " + state.tensor().elements() * Float.BYTES);
        }
        for (long at = 0; at < stored.length(); at += PIECE_BYTES) {
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, stored.length() - at));
            reader.read(stored.begin() + at, piece);
            backend.memory().write(piece.flip(), state.tensor(), at / Float.BYTES);
        }
    }

    /** The name of a worker's file in a checkpoint. */
    static String stateFile(int worker) {
        return String.format("worker-%05d.safetensors", worker);
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
        SafetensorsHeader.Builder header = new SafetensorsHeader.Builder().metadata("version", "" + order.version());
        replica.optimizerState()
                .forEach(state ->
                        header.add(state.name(), DType.FLOAT32, state.tensor().shape()));
        return CheckpointWriter.writeFile(setup.hadoop(), folder, stateFile(number), stream -> {
            SafetensorsWriter writer = new SafetensorsWriter(stream, header.build());
            for (NamedState state : replica.optimizerState()) {
                write(writer, state);
            }
            writer.finish();
        });
    }

    private void write(SafetensorsWriter writer, NamedState state) throws IOException {
        long bytes = state.tensor().elements() * Float.BYTES;
        for (long at = 0; at < bytes; at += PIECE_BYTES) {
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, bytes - at));
            backend.memory().read(state.tensor(), at / Float.BYTES, piece);
            writer.write(piece.flip());
        }
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
        replica.close();
        backend.close();
    }
}
