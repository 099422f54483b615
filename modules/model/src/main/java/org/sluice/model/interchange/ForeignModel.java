package org.sluice.model.interchange;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.sluice.model.DecoderConfig;
import org.sluice.model.checkpoint.CheckpointFiles;
import org.sluice.model.checkpoint.CheckpointFormatException;
import org.sluice.model.checkpoint.SafetensorsType;

/**
 * A model in one of the {@link ForeignFormat}s, whoever wrote it: {@code config.json} beside {@code model.safetensors}, or beside several
 * files with an index. It was compared, tensor by tensor, with what {@code config.json} describes, before any of its numbers are read.
 */
public final class ForeignModel implements Closeable {
    static final String CONFIG = "config.json";
    private static final int PIECE_ELEMENTS = 1 << 18;

    private final DecoderConfig model;
    private final ForeignFormat format;
    private final ForeignFiles files;
    private final List<Source> sources;

    /**
     * Where a run of the flat space lies.
     *
     * @param offset its first element, counted in the tensor
     */
    private record Source(TensorPiece piece, ForeignTensor tensor, long offset) {}

    private ForeignModel(DecoderConfig model, ForeignFormat format, ForeignFiles files, List<ForeignTensor> tensors) {
        this.model = model;
        this.format = format;
        this.files = files;
        this.sources = sources(tensors);
    }

    /**
     * Opens a folder, and compares names, shapes and types of all tensors with {@code config.json}.
     *
     * @throws org.sluice.model.checkpoint.CheckpointCorruptException if a file is damaged
     * @throws CheckpointFormatException if it is no model that Sluice has, or files and configuration contradict each other; the message
     *     names the key or the tensor, what was found and what was expected
     * @throws IOException if a file cannot be read
     */
    public static ForeignModel open(Configuration hadoop, Path folder) throws IOException {
        Path config = new Path(folder, CONFIG);
        ForeignConfigReader.Described described = ForeignConfigReader.read(config(hadoop, config), config.toString());
        ForeignFiles files = ForeignFiles.open(hadoop, folder);
        try {
            TensorComparison comparison = new TensorComparison(described.model(), config.toString(), files);
            List<ForeignTensor> tensors = comparison.compare(described.format());
            return new ForeignModel(described.model(), described.format(), files, tensors);
        } catch (IOException | RuntimeException failure) {
            files.close();
            throw failure;
        }
    }

    private static byte[] config(Configuration hadoop, Path file) throws IOException {
        try (InputStream stream = CheckpointFiles.fileSystem(hadoop, file).open(file)) {
            return stream.readAllBytes();
        } catch (FileNotFoundException missing) {
            throw new CheckpointFormatException(
                    file.getParent() + " is no model as Hugging Face writes it: it has no " + CONFIG, missing);
        }
    }

    private static List<Source> sources(List<ForeignTensor> tensors) {
        List<Source> sources = new ArrayList<>();
        for (ForeignTensor tensor : tensors) {
            long offset = 0;
            for (TensorPiece piece : tensor.pieces()) {
                sources.add(new Source(piece, tensor, offset));
                offset += piece.elements();
            }
        }
        sources.sort(Comparator.comparingLong(source -> source.piece().fromElement()));
        return List.copyOf(sources);
    }

    public DecoderConfig model() {
        return model;
    }

    public ForeignFormat format() {
        return format;
    }

    /** The types of the numbers in the files. */
    public List<SafetensorsType> types() {
        return files.tensors().values().stream()
                .map(located -> located.tensor().type())
                .distinct()
                .sorted()
                .toList();
    }

    /** The names of the files that hold tensors. */
    public List<String> files() {
        return files.names();
    }

    /**
     * Fills a buffer from the flat parameter space of {@link #model}.
     *
     * @param fromElement the first element of the flat space
     * @param target is filled to its limit with little-endian float32
     * @throws IndexOutOfBoundsException if the flat space has fewer elements from there
     */
    public void readParameters(long fromElement, ByteBuffer target) throws IOException {
        long elements = sources.get(sources.size() - 1).piece().toElement();
        long toElement = fromElement + target.remaining() / Float.BYTES;
        if (fromElement < 0 || toElement > elements || target.remaining() % Float.BYTES != 0) {
            throw new IndexOutOfBoundsException("elements " + fromElement + " to " + toElement + ", in "
                    + target.remaining() + " bytes, are not inside the flat space of " + elements + " elements");
        }
        ByteBuffer floats = target.slice().order(ByteOrder.LITTLE_ENDIAN);
        int index = sourceOf(fromElement);
        for (long at = fromElement; at < toElement; index++) {
            Source source = sources.get(index);
            long end = Math.min(toElement, source.piece().toElement());
            for (; at < end; at += PIECE_ELEMENTS) {
                read(source, at, (int) Math.min(PIECE_ELEMENTS, end - at), floats);
            }
            at = end;
        }
        target.position(target.limit());
    }

    private int sourceOf(long element) {
        int low = 0;
        int high = sources.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (sources.get(middle).piece().fromElement() <= element) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private void read(Source source, long fromElement, int count, ByteBuffer floats) throws IOException {
        ForeignFiles.Located located = files.tensors().get(source.tensor().name());
        SafetensorsType type = located.tensor().type();
        long offset = source.offset() + fromElement - source.piece().fromElement();
        ByteBuffer read = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        located.read(offset * type.bytes(), read);
        read.flip();
        boolean lessOne = source.tensor().content() == ForeignTensor.Content.WEIGHTS_LESS_ONE;
        for (int i = 0; i < count; i++) {
            float value = NumberCodec.get(type, read);
            floats.putFloat(lessOne ? (float) (value + 1.0) : value);
        }
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
