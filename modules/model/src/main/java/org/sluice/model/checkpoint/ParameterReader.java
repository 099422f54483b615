package org.sluice.model.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.sluice.tensor.DType;

/** Reads parts of a checkpoint's flat parameter space. Its files are opened when they are first read, and stay open until it is closed. */
public final class ParameterReader implements Closeable {
    private final Configuration hadoop;
    private final Path folder;
    private final List<ModelFile> files;
    private final DType dtype;
    private final Map<String, SafetensorsReader> open = new HashMap<>();

    ParameterReader(Configuration hadoop, Path folder, List<ModelFile> files, DType dtype) {
        this.hadoop = hadoop;
        this.folder = folder;
        this.files = files;
        this.dtype = dtype;
    }

    /**
     * Fills a buffer with parameters.
     *
     * @param fromElement the first element of the flat space
     * @param target is filled to its limit, which must be a whole number of elements, with little-endian numbers of the checkpoint's
     *     {@link Checkpoint#parameterType}
     * @throws IndexOutOfBoundsException if the flat space has fewer elements from there
     */
    public void read(long fromElement, ByteBuffer target) throws IOException {
        if (target.remaining() % dtype.bytes() != 0) {
            throw new IllegalArgumentException("a buffer with room for " + target.remaining()
                    + " bytes does not hold a whole number of " + dtype + " elements");
        }
        long elements = files.get(files.size() - 1).toElement();
        long toElement = fromElement + target.remaining() / dtype.bytes();
        if (fromElement < 0 || toElement > elements) {
            throw new IndexOutOfBoundsException("elements " + fromElement + " to " + toElement
                    + " are not inside the flat space of " + elements + " elements");
        }
        int limit = target.limit();
        long at = fromElement;
        for (ModelFile file : files) {
            if (at < toElement && at < file.toElement()) {
                long end = Math.min(toElement, file.toElement());
                target.limit(target.position() + Math.toIntExact((end - at) * dtype.bytes()));
                reader(file.name()).read((at - file.fromElement()) * dtype.bytes(), target);
                target.limit(limit);
                at = end;
            }
        }
    }

    private SafetensorsReader reader(String file) throws IOException {
        SafetensorsReader reader = open.get(file);
        if (reader == null) {
            reader = SafetensorsReader.open(hadoop, new Path(folder, file));
            open.put(file, reader);
        }
        return reader;
    }

    @Override
    public void close() throws IOException {
        for (SafetensorsReader reader : open.values()) {
            reader.close();
        }
    }
}
