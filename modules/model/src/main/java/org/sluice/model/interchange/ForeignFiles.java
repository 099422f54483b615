package org.sluice.model.interchange;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sluice.model.checkpoint.CheckpointFiles;
import org.sluice.model.checkpoint.CheckpointFormatException;
import org.sluice.model.checkpoint.SafetensorsIndex;
import org.sluice.model.checkpoint.SafetensorsReader;
import org.sluice.model.checkpoint.SafetensorsTensor;

/** The safetensors files of a folder, open, and where each tensor lies in them. */
final class ForeignFiles implements Closeable {
    private final Map<String, SafetensorsReader> readers;
    private final Map<String, Located> tensors;

    /** A tensor in its file. */
    record Located(String file, SafetensorsReader reader, SafetensorsTensor tensor) {
        /** Fills a buffer from a byte of the tensor on. */
        void read(long offset, ByteBuffer target) throws IOException {
            reader.read(tensor.begin() + offset, target);
        }
    }

    private ForeignFiles(Map<String, SafetensorsReader> readers, Map<String, Located> tensors) {
        this.readers = readers;
        this.tensors = tensors;
    }

    /**
     * Opens {@code model.safetensors}, or where there is none, the files that the index names.
     *
     * @throws CheckpointFormatException if there is neither, or index and files contradict each other
     */
    static ForeignFiles open(Configuration hadoop, Path folder) throws IOException {
        FileSystem fileSystem = CheckpointFiles.fileSystem(hadoop, folder);
        Path index = new Path(folder, SafetensorsIndex.NAME);
        if (fileSystem.exists(new Path(folder, SafetensorsIndex.SINGLE))) {
            return open(hadoop, folder, List.of(SafetensorsIndex.SINGLE));
        }
        if (!fileSystem.exists(index)) {
            throw new CheckpointFormatException(folder + " has neither " + SafetensorsIndex.SINGLE + " nor "
                    + SafetensorsIndex.NAME + "; weights in another format must be saved as safetensors first");
        }
        Map<String, String> indexed;
        try (InputStream stream = fileSystem.open(index)) {
            indexed = SafetensorsIndex.read(stream.readAllBytes(), index.toString());
        }
        ForeignFiles files = open(hadoop, folder, new LinkedHashSet<>(indexed.values()));
        try {
            files.requireAsIndexed(indexed, index);
        } catch (IOException failure) {
            files.close();
            throw failure;
        }
        return files;
    }

    private static ForeignFiles open(Configuration hadoop, Path folder, Iterable<String> names) throws IOException {
        ForeignFiles files = new ForeignFiles(new LinkedHashMap<>(), new LinkedHashMap<>());
        try {
            for (String name : names) {
                files.add(name, SafetensorsReader.open(hadoop, new Path(folder, name)));
            }
        } catch (FileNotFoundException missing) {
            files.close();
            throw new CheckpointFormatException(
                    folder + " lacks a file that its index names: " + missing.getMessage(), missing);
        } catch (IOException | RuntimeException failure) {
            files.close();
            throw failure;
        }
        return files;
    }

    private void add(String name, SafetensorsReader reader) throws CheckpointFormatException {
        readers.put(name, reader);
        for (SafetensorsTensor tensor : reader.header().tensors()) {
            Located other = tensors.put(tensor.name(), new Located(name, reader, tensor));
            if (other != null) {
                throw new CheckpointFormatException(
                        "the tensor " + tensor.name() + " is in two files: " + other.file() + " and " + name);
            }
        }
    }

    private void requireAsIndexed(Map<String, String> indexed, Path index) throws CheckpointFormatException {
        for (Map.Entry<String, String> entry : indexed.entrySet()) {
            Located located = tensors.get(entry.getKey());
            if (located == null || !located.file().equals(entry.getValue())) {
                throw new CheckpointFormatException(index + " says that the tensor " + entry.getKey() + " is in "
                        + entry.getValue() + ", but it is "
                        + (located == null ? "in none of the files" : "in " + located.file()));
            }
        }
    }

    /** All tensors by name. */
    Map<String, Located> tensors() {
        return tensors;
    }

    List<String> names() {
        return List.copyOf(readers.keySet());
    }

    @Override
    public void close() throws IOException {
        for (SafetensorsReader reader : readers.values()) {
            reader.close();
        }
    }
}
