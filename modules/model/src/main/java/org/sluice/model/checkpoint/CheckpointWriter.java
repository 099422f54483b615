package org.sluice.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.sluice.model.DecoderConfig;

/**
 * Writes a checkpoint: its files into a fresh folder, each by whoever has its content; then {@code config.json}; then
 * {@code manifest.json} with length and SHA-256 of every file; and last the marker {@code _COMPLETE}, which holds the manifest's own
 * SHA-256. Nothing is ever renamed, so it works on object stores; a folder without the marker is unfinished, whatever it holds.
 */
public final class CheckpointWriter {
    private final Configuration hadoop;
    private final Path folder;

    /** What is written into a file. */
    @FunctionalInterface
    public interface Content {
        /** Writes all of it; the stream is closed by the caller. */
        void writeTo(OutputStream stream) throws IOException;
    }

    /**
     * Makes the folder. One that is there but unfinished, from an attempt that was cut off, is used: nothing in it is deleted, files are
     * overwritten as they are written again, and what else is there is not part of the checkpoint.
     *
     * @throws IOException if the folder holds a finished checkpoint, or cannot be made
     */
    public CheckpointWriter(Configuration hadoop, Path folder) throws IOException {
        this.hadoop = hadoop;
        this.folder = folder;
        FileSystem fileSystem = CheckpointFiles.fileSystem(hadoop, folder);
        if (fileSystem.exists(new Path(folder, CheckpointFiles.MARKER))) {
            throw new IOException(folder + " already holds a finished checkpoint, which is never overwritten;"
                    + " write to another folder or remove it first");
        }
        if (!fileSystem.mkdirs(folder)) {
            throw new IOException("the folder " + folder + " for a checkpoint could not be made");
        }
    }

    public Path folder() {
        return folder;
    }

    /**
     * Writes one file of a checkpoint and forces it to the storage. May run on any machine, at the same time as others; a repeated call
     * overwrites what an earlier one left.
     *
     * @param name relative to the folder, see {@link FileRecord#name}
     * @return what goes into {@link #commit}
     * @throws IllegalArgumentException if the name leaves the folder, or is one that {@link #commit} writes
     * @throws IOException if the file cannot be written
     */
    public static FileRecord writeFile(Configuration hadoop, Path folder, String name, Content content)
            throws IOException {
        if (CheckpointFiles.OWN.contains(name)) {
            throw new IllegalArgumentException(
                    "'" + name + "' cannot name a file of a checkpoint: it is one that " + "commit writes");
        }
        return write(hadoop, folder, name, content);
    }

    /**
     * Finishes the checkpoint. Before this returns, readers see no checkpoint here; after, a whole one.
     *
     * @param files all files that {@link #writeFile} wrote
     * @param model is written to {@code config.json}
     * @param payload what else the caller wants to find again with {@link Checkpoint#payload}
     * @throws IOException if a file is not there with the length in its record, or something cannot be written
     */
    public void commit(List<FileRecord> files, DecoderConfig model, JsonNode payload) throws IOException {
        FileSystem fileSystem = CheckpointFiles.fileSystem(hadoop, folder);
        for (FileRecord file : files) {
            long length =
                    fileSystem.getFileStatus(new Path(folder, file.name())).getLen();
            if (length != file.length()) {
                throw new IOException(new Path(folder, file.name()) + " has " + length + " bytes but " + file.length()
                        + " were written; the checkpoint was not finished");
            }
        }
        List<FileRecord> all = new ArrayList<>(files);
        all.add(write(hadoop, folder, CheckpointFiles.CONFIG, bytes(ModelConfigJson.write(model))));
        FileRecord manifest = write(
                hadoop,
                folder,
                CheckpointFiles.MANIFEST,
                bytes(Manifest.of(all, payload).toBytes()));
        write(
                hadoop,
                folder,
                CheckpointFiles.MARKER,
                bytes(CheckpointFiles.marker(manifest.sha256()).getBytes(StandardCharsets.US_ASCII)));
    }

    private static Content bytes(byte[] content) {
        return stream -> stream.write(content);
    }

    private static FileRecord write(Configuration hadoop, Path folder, String name, Content content)
            throws IOException {
        FileSystem fileSystem = CheckpointFiles.fileSystem(hadoop, folder);
        MessageDigest digest = CheckpointFiles.newSha256();
        FileRecord.requireInsideFolder(name);
        try (FSDataOutputStream file = fileSystem.create(new Path(folder, name), true)) {
            CountingStream counted = new CountingStream(new DigestOutputStream(file, digest));
            content.writeTo(counted);
            counted.flush();
            if (file.hasCapability(StreamCapabilities.HSYNC)) {
                file.hsync();
            }
            return new FileRecord(name, counted.count(), CheckpointFiles.hex(digest));
        }
    }
}
