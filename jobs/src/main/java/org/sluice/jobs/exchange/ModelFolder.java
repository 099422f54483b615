package org.sluice.jobs.exchange;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sluice.jobs.InputException;
import org.sluice.model.checkpoint.CheckpointFiles;
import org.sluice.model.checkpoint.ModelConfigJson;

/** The small files of a folder that holds a model in the format of others. */
final class ModelFolder {
    static final String CONFIG = "config.json";

    private final FileSystem fileSystem;
    private final Path path;

    ModelFolder(Configuration hadoop, String folder) throws IOException {
        Path given = new Path(folder);
        this.fileSystem = CheckpointFiles.fileSystem(hadoop, given);
        this.path = fileSystem.makeQualified(given);
    }

    Path path() {
        return path;
    }

    /**
     * Makes the folder.
     *
     * @throws InputException if something is in it
     */
    void create() throws IOException {
        if (fileSystem.exists(path)
                && (!fileSystem.getFileStatus(path).isDirectory() || fileSystem.listStatus(path).length > 0)) {
            throw new InputException("--to " + this
                    + " is there already, and nothing in it is overwritten; name another folder, or remove it first");
        }
        if (!fileSystem.mkdirs(path)) {
            throw new IOException("the folder " + this + " could not be made");
        }
    }

    boolean exists() throws IOException {
        return fileSystem.exists(path);
    }

    void write(String file, ObjectNode json) throws IOException {
        write(file, ModelConfigJson.bytes(json));
    }

    void write(String file, byte[] bytes) throws IOException {
        try (OutputStream stream = fileSystem.create(new Path(path, file), false)) {
            stream.write(bytes);
        }
    }

    /** The content of a file; empty if there is no such file. */
    Optional<byte[]> read(String file) throws IOException {
        Path place = new Path(path, file);
        if (!fileSystem.exists(place)) {
            return Optional.empty();
        }
        try (InputStream stream = fileSystem.open(place)) {
            return Optional.of(stream.readAllBytes());
        }
    }

    /** The path without the scheme of this machine's own file system. */
    @Override
    public String toString() {
        return path.toUri().getScheme().equals("file") ? path.toUri().getPath() : path.toString();
    }
}
