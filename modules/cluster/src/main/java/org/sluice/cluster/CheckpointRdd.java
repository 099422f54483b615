package org.sluice.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.CheckpointWriter;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.model.checkpoint.ModelFile;
import org.sluice.model.checkpoint.SafetensorsHeader;
import org.sluice.model.checkpoint.SafetensorsWriter;
import org.sluice.tensor.DType;
import org.sluice.tensor.Shape;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Writes the files of a checkpoint, a task for each: the flat space goes slice by slice from the executors into the file. */
final class CheckpointRdd extends RDD<FileRecord> {
    /** The file of what owners keep beside the parameters: the outer momentum, and what rounding left over of their updates. */
    static final String OUTER_FILE = "outer.safetensors";

    static final String MOMENTUM = "momentum";
    static final String RESIDUAL = "residual";
    private static final long serialVersionUID = 1;
    private static final long MODEL_FILE_BYTES = 4L << 30;

    private final List<CheckpointPart> parts;
    private final WorkerSetup setup;
    private final RoundOrder order;
    private final String folder;

    private record PartPartition(int index, List<Partition> parents) implements Partition {}

    /**
     * @param state the version to write, with what its owners keep
     * @param order its version is that version, its restore point that of the workers
     */
    CheckpointRdd(
            SparkContext context,
            RDD<GlobalSlice> state,
            List<CheckpointPart> parts,
            WorkerSetup setup,
            RoundOrder order,
            Path folder) {
        super(
                context,
                ScalaInterop.dependencies(List.of(ScalaInterop.onAllPartitions(state))),
                ScalaInterop.classTag(FileRecord.class));
        this.parts = List.copyOf(parts);
        this.setup = setup;
        this.order = order;
        this.folder = folder.toString();
    }

    /** The files that a model's parameters are written to. */
    static List<ModelFile> modelFiles(ParameterLayout layout) {
        long bytes = layout.elements() * Float.BYTES;
        return ModelFile.divide(layout, DType.FLOAT32, (int) ((bytes + MODEL_FILE_BYTES - 1) / MODEL_FILE_BYTES));
    }

    @Override
    public Partition[] getPartitions() {
        List<Partition> parents = List.of(parent().partitions());
        return IntStream.range(0, parts.size())
                .mapToObj(index -> new PartPartition(index, parents))
                .toArray(Partition[]::new);
    }

    @Override
    public Seq<String> getPreferredLocations(Partition partition) {
        return ScalaInterop.seq(
                parts.get(partition.index()) instanceof CheckpointPart.WorkerState worker
                        ? List.of(worker.placement().location())
                        : List.<String>of());
    }

    @Override
    public scala.collection.Iterator<FileRecord> compute(Partition partition, TaskContext context) {
        CheckpointPart part = parts.get(partition.index());
        try {
            return CollectionConverters.asScala(
                    List.of(write(part, (PartPartition) partition, context)).iterator());
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "a file of the checkpoint " + folder + " cannot be written: " + failure.getMessage(), failure);
        }
    }

    private FileRecord write(CheckpointPart part, PartPartition partition, TaskContext context) throws IOException {
        if (part instanceof CheckpointPart.WorkerState worker) {
            return setup.find(order, worker.placement().worker()).writeState(order, new Path(folder));
        }
        if (part instanceof CheckpointPart.Model model) {
            ModelFile file =
                    modelFiles(ParameterLayout.of(setup.plan().model())).get(model.file());
            FlatRange range = new FlatRange(file.fromElement(), file.toElement(), GlobalSlice::parameters);
            return writeFlat(file.name(), file.header(), List.of(range), partition, context);
        }
        return writeOuter(partition, context);
    }

    private FileRecord writeOuter(PartPartition partition, TaskContext context) throws IOException {
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
        return writeFlat(OUTER_FILE, header.build(), ranges, partition, context);
    }

    /** Before the first round there is no momentum or residual yet, which is zero. */
    private static byte[] orZeros(byte[] values, GlobalSlice slice) {
        return values == null ? new byte[slice.parameters().length] : values;
    }

    /** Values of a range of the flat space. */
    private record FlatRange(long fromElement, long toElement, Function<GlobalSlice, byte[]> values) {}

    private FileRecord writeFlat(
            String name, SafetensorsHeader header, List<FlatRange> ranges, PartPartition partition, TaskContext context)
            throws IOException {
        return CheckpointWriter.writeFile(setup.hadoop(), new Path(folder), name, stream -> {
            SafetensorsWriter writer = new SafetensorsWriter(stream, header);
            for (FlatRange range : ranges) {
                write(writer, range, slices(range.fromElement(), range.toElement(), partition, context));
            }
            writer.finish();
        });
    }

    private void write(SafetensorsWriter writer, FlatRange range, Iterator<GlobalSlice> slices) throws IOException {
        while (slices.hasNext()) {
            GlobalSlice slice = slices.next();
            long offset = setup.layout().offset(slice.index());
            long from = Math.max(range.fromElement(), offset) - offset;
            long to = Math.min(range.toElement(), offset + setup.layout().length(slice.index())) - offset;
            if (from < to) {
                writer.write(ByteBuffer.wrap(
                        range.values().apply(slice), (int) from * Float.BYTES, (int) (to - from) * Float.BYTES));
            }
        }
    }

    /** The slices of the partitions that overlap a range of the flat space, in their order. */
    private Iterator<GlobalSlice> slices(
            long fromElement, long toElement, PartPartition partition, TaskContext context) {
        SliceLayout layout = setup.layout();
        int first = layout.partitionOf((int) (fromElement / layout.sliceElements()));
        int last = layout.partitionOf((int) ((toElement - 1) / layout.sliceElements()));
        return IntStream.rangeClosed(first, last)
                .boxed()
                .flatMap(index -> {
                    scala.collection.Iterator<GlobalSlice> slices =
                            parent().iterator(partition.parents().get(index), context);
                    return ScalaInterop.stream(slices);
                })
                .iterator();
    }

    @SuppressWarnings("unchecked")
    private RDD<GlobalSlice> parent() {
        return (RDD<GlobalSlice>) dependencies().apply(0).rdd();
    }
}
