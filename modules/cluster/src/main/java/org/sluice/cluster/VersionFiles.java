package org.sluice.cluster;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.apache.hadoop.fs.Path;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.CheckpointWriter;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.model.checkpoint.ModelFile;
import org.sluice.model.checkpoint.SafetensorsHeader;
import org.sluice.model.checkpoint.SafetensorsWriter;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import org.sluice.training.Replica;

/**
 * Writes the files of a checkpoint that are made of a version's slices: the flat space goes partition by partition from the executors into the file.
 *
 * @param blocks where the slices are
 * @param folder the checkpoint's
 */
record VersionFiles(WorkerSetup setup, VersionBlocks blocks, Path folder) {
    /** The file of what owners keep beside the parameters: the outer momentum, and what rounding left over of their updates. */
    static final String OUTER_FILE = "outer.safetensors";

    /** The file of the averaged state of the workers' optimizers. */
    static final String INNER_FILE = "inner.safetensors";

    static final String MOMENTUM = "momentum";
    static final String RESIDUAL = "residual";
    private static final long MODEL_FILE_BYTES = 4L << 30;

    /** The files that a model's parameters are written to. */
    static List<ModelFile> modelFiles(ParameterLayout layout) {
        long bytes = layout.elements() * Float.BYTES;
        return ModelFile.divide(layout, DType.FLOAT32, (int) ((bytes + MODEL_FILE_BYTES - 1) / MODEL_FILE_BYTES));
    }

    /**
     * Writes one file.
     *
     * @throws InterruptedIOException if its thread is interrupted
     */
    FileRecord write(CheckpointPart part) throws IOException {
        if (part instanceof CheckpointPart.Model model) {
            ModelFile file =
                    modelFiles(ParameterLayout.of(setup.plan().model())).get(model.file());
            FlatRange range = new FlatRange(file.fromElement(), file.toElement(), GlobalSlice::parameters);
            return write(file.name(), file.header(), List.of(range));
        }
        return part instanceof CheckpointPart.Inner ? writeInner() : writeOuter();
    }

    /** Whether a training's checkpoints have the file of the averaged state. */
    static boolean hasInner(TrainingPlan plan) {
        return plan.cluster().innerState() == InnerState.AVERAGED
                && !Replica.optimizerStateNames(plan.training()).isEmpty();
    }

    private FileRecord writeInner() throws IOException {
        long elements = setup.layout().elements();
        SafetensorsHeader.Builder header = new SafetensorsHeader.Builder();
        List<FlatRange> ranges = new ArrayList<>();
        for (String name : Replica.optimizerStateNames(setup.plan().training())) {
            int at = ranges.size();
            header.add(name, DType.FLOAT32, Shape.of(elements));
            ranges.add(new FlatRange(0, elements, slice -> moment(slice, at)));
        }
        return write(INNER_FILE, header.build(), ranges);
    }

    private static byte[] moment(GlobalSlice slice, int at) {
        int bytes = slice.parameters().length;
        return slice.moments() == null
                ? new byte[bytes]
                : Arrays.copyOfRange(slice.moments(), at * bytes, (at + 1) * bytes);
    }

    private FileRecord writeOuter() throws IOException {
        ExchangeRules rules = ExchangeRules.of(setup.plan());
        long elements = setup.layout().elements();
        SafetensorsHeader.Builder header = new SafetensorsHeader.Builder();
        List<FlatRange> ranges = new ArrayList<>();
        if (rules.optimizer().keepsMomentum()) {
            header.add(MOMENTUM, DType.FLOAT32, Shape.of(elements));
            ranges.add(new FlatRange(0, elements, slice -> orZeros(slice.momentum(), slice)));
        }
        if (rules.format().keepsResiduals()) {
            header.add(RESIDUAL, DType.FLOAT32, Shape.of(elements));
            ranges.add(new FlatRange(0, elements, slice -> orZeros(slice.residual(), slice)));
        }
        return write(OUTER_FILE, header.build(), ranges);
    }

    /** Before the first round there is no momentum or residual yet, which is zero. */
    private static byte[] orZeros(byte[] values, GlobalSlice slice) {
        return values == null ? new byte[slice.parameters().length] : values;
    }

    /** Values of a range of the flat space. */
    private record FlatRange(long fromElement, long toElement, Function<GlobalSlice, byte[]> values) {}

    private FileRecord write(String name, SafetensorsHeader header, List<FlatRange> ranges) throws IOException {
        return CheckpointWriter.writeFile(setup.hadoop(), folder, name, stream -> {
            SafetensorsWriter writer = new SafetensorsWriter(stream, header);
            for (FlatRange range : ranges) {
                write(range, writer);
            }
            writer.finish();
        });
    }

    private void write(FlatRange range, SafetensorsWriter writer) throws IOException {
        SliceLayout layout = setup.layout();
        int first = layout.partitionOf((int) (range.fromElement() / layout.sliceElements()));
        int last = layout.partitionOf((int) ((range.toElement() - 1) / layout.sliceElements()));
        for (int partition = first; partition <= last; partition++) {
            for (GlobalSlice slice : blocks.read(partition)) {
                BackgroundFiles.requireNotInterrupted();
                write(slice, range, writer);
            }
        }
    }

    /** Writes what a slice has of a range. */
    private void write(GlobalSlice slice, FlatRange range, SafetensorsWriter writer) throws IOException {
        long offset = setup.layout().offset(slice.index());
        long from = Math.max(range.fromElement(), offset) - offset;
        long to = Math.min(range.toElement(), offset + setup.layout().length(slice.index())) - offset;
        if (from < to) {
            writer.write(ByteBuffer.wrap(
                    range.values().apply(slice), (int) from * Float.BYTES, (int) (to - from) * Float.BYTES));
        }
    }
}
