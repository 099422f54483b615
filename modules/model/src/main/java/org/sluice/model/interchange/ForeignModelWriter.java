package org.sluice.model.interchange;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.LongConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sluice.model.DecoderConfig;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.CheckpointFiles;
import org.sluice.model.checkpoint.ParameterReader;
import org.sluice.model.checkpoint.SafetensorsHeader;
import org.sluice.model.checkpoint.SafetensorsIndex;
import org.sluice.model.checkpoint.SafetensorsType;
import org.sluice.model.checkpoint.SafetensorsWriter;
import org.sluice.tensor.DType;

/**
 * Writes a checkpoint's model into a folder in a format that others read: {@code model.safetensors}, or several files with their index,
 * and {@code config.json}, which is to be written last: without it the folder is no model to any reader.
 */
public final class ForeignModelWriter {
    /** Files are no larger than this unless a single tensor is: what Hugging Face divides models into. */
    public static final long FILE_BYTES = 5_000_000_000L;

    private static final int PIECE_ELEMENTS = 1 << 20;

    private final Configuration hadoop;
    private final Path folder;
    private final ForeignFormat format;
    private final SafetensorsType type;
    private final long fileBytes;

    /**
     * What {@link #writeWeights} did.
     *
     * @param files their names
     * @param bytes of all files together
     * @param roundedNorms how many weights of norms did not survive being stored less 1: read back in float32 they are another number. Counted for
     *     F32 only, as smaller types round everything
     */
    public record Written(List<String> files, long bytes, long roundedNorms) {}

    /**
     * @param folder must exist; the caller sees to it that nothing of value is in it
     * @param type F32, BF16 or F16
     * @param fileBytes the most that a file may hold, unless a single tensor is larger
     * @throws IllegalArgumentException if weights are not written in that type
     */
    public ForeignModelWriter(
            Configuration hadoop, Path folder, ForeignFormat format, SafetensorsType type, long fileBytes) {
        if (type != SafetensorsType.F32 && type != SafetensorsType.BF16 && type != SafetensorsType.F16) {
            throw new IllegalArgumentException("weights are written in F32, BF16 or F16, not in " + type);
        }
        this.hadoop = hadoop;
        this.folder = folder;
        this.format = format;
        this.type = type;
        this.fileBytes = fileBytes;
    }

    /** One of the files and what goes into it. */
    private record Part(SafetensorsHeader header, List<ForeignTensor> tensors) {}

    /**
     * Writes the weights.
     *
     * @param progress is told how many parameters are written
     * @throws IllegalArgumentException if the format cannot express the model
     * @throws IOException if a number is too large for the type; the message names its tensor. Or if a file cannot be read or written
     */
    public Written writeWeights(Checkpoint checkpoint, LongConsumer progress) throws IOException {
        format.refusal(checkpoint.model()).ifPresent(reason -> {
            throw new IllegalArgumentException(format.readers() + " cannot express this model: " + reason);
        });
        Map<String, Part> parts = parts(TensorMap.of(checkpoint.model(), format));
        List<String> files = new ArrayList<>(parts.keySet());
        long bytes = 0;
        FileSystem fileSystem = CheckpointFiles.fileSystem(hadoop, folder);
        WeightStream weights;
        try (ParameterReader parameters = checkpoint.parameters()) {
            weights = new WeightStream(parameters, checkpoint.parameterType(), progress);
            for (Map.Entry<String, Part> part : parts.entrySet()) {
                Path file = new Path(folder, part.getKey());
                try (OutputStream stream = fileSystem.create(file, false)) {
                    weights.write(part.getValue(), stream);
                }
                bytes += fileSystem.getFileStatus(file).getLen();
            }
        }
        if (files.size() > 1) {
            Map<String, SafetensorsHeader> headers = new LinkedHashMap<>();
            parts.forEach((name, part) -> headers.put(name, part.header()));
            try (OutputStream stream = fileSystem.create(new Path(folder, SafetensorsIndex.NAME), false)) {
                stream.write(SafetensorsIndex.write(headers));
            }
        }
        return new Written(files, bytes, weights.roundedNorms);
    }

    /**
     * Writes {@code config.json}.
     *
     * @param trainedLength the positions of a training sequence, before any YaRN
     * @param endOfText the token that ends a text; empty if there is no tokenizer
     */
    public void writeConfig(DecoderConfig model, int trainedLength, OptionalInt endOfText) throws IOException {
        try (OutputStream stream =
                CheckpointFiles.fileSystem(hadoop, folder).create(new Path(folder, ForeignModel.CONFIG), false)) {
            stream.write(ForeignConfig.write(model, format, type, trainedLength, endOfText));
        }
    }

    private Map<String, Part> parts(List<ForeignTensor> tensors) {
        List<List<ForeignTensor>> groups = new ArrayList<>();
        long held = Long.MAX_VALUE;
        for (ForeignTensor tensor : tensors) {
            long bytes = tensor.shape().elements() * type.bytes();
            if (held > fileBytes - bytes) {
                groups.add(new ArrayList<>());
                held = 0;
            }
            groups.get(groups.size() - 1).add(tensor);
            held += bytes;
        }
        Map<String, Part> parts = new LinkedHashMap<>();
        for (int index = 0; index < groups.size(); index++) {
            SafetensorsHeader.Builder header = new SafetensorsHeader.Builder().metadata("format", "pt");
            groups.get(index).forEach(tensor -> header.add(tensor.name(), type, tensor.shape()));
            parts.put(SafetensorsIndex.fileName(index, groups.size()), new Part(header.build(), groups.get(index)));
        }
        return parts;
    }

    /** From the flat space into files, a piece at a time. */
    private final class WeightStream {
        private final ParameterReader parameters;
        private final DType source;
        private final LongConsumer progress;
        private long roundedNorms;
        private long done;

        WeightStream(ParameterReader parameters, DType source, LongConsumer progress) {
            this.parameters = parameters;
            this.source = source;
            this.progress = progress;
        }

        void write(Part part, OutputStream stream) throws IOException {
            SafetensorsWriter writer = new SafetensorsWriter(stream, part.header());
            for (ForeignTensor tensor : part.tensors()) {
                if (tensor.content() == ForeignTensor.Content.ZEROS) {
                    writer.write(
                            ByteBuffer.allocate(Math.toIntExact(tensor.shape().elements() * type.bytes())));
                }
                for (TensorPiece piece : tensor.pieces()) {
                    for (long from = piece.fromElement(); from < piece.toElement(); from += PIECE_ELEMENTS) {
                        int count = (int) Math.min(PIECE_ELEMENTS, piece.toElement() - from);
                        writer.write(converted(tensor, from, count));
                        done += count;
                        progress.accept(done);
                    }
                }
            }
            writer.finish();
        }

        private ByteBuffer converted(ForeignTensor tensor, long from, int count) throws IOException {
            ByteBuffer read = ByteBuffer.allocate(count * source.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            parameters.read(from, read);
            read.flip();
            ByteBuffer written = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                float weight = source == DType.FLOAT64 ? (float) read.getDouble() : read.getFloat();
                float value = weight;
                if (tensor.content() == ForeignTensor.Content.WEIGHTS_LESS_ONE) {
                    value = (float) (weight - 1.0);
                    roundedNorms += type == SafetensorsType.F32 && (float) (value + 1.0) != weight ? 1 : 0;
                }
                requireFits(tensor, value);
                NumberCodec.put(type, value, written);
            }
            return written.flip();
        }

        private void requireFits(ForeignTensor tensor, float value) throws IOException {
            if (Float.isFinite(value) && Float.isInfinite(NumberCodec.rounded(type, value))) {
                throw new IOException(tensor.name() + " has the number " + value + ", which is too large for " + type
                        + "; export in F32" + (type == SafetensorsType.F16 ? " or BF16" : ""));
            }
        }
    }
}
