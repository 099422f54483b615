package org.sluice.cluster.preflight;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether the driver and the executors can write one and the same folder: the driver leaves a file that each executor reads, and each
 * executor one that the driver looks for. A path of a local disk may be writable on every host, and another folder on each.
 */
public final class FolderTrial implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FolderTrial.class);
    private static final String DRIVERS = "driver";

    private final FileSystem fileSystem;
    private final Path root;
    private final Path folder;

    /** @param root the folder in question, in which one for the trial is made for as long as it lasts */
    public FolderTrial(FileSystem fileSystem, Path root) {
        this.fileSystem = fileSystem;
        this.root = root;
        this.folder = new Path(root, "preflight-" + UUID.randomUUID());
    }

    /** Where the files are. */
    public Path folder() {
        return folder;
    }

    /** Leaves the driver's file; returns why it cannot, or nothing. */
    public String begin() {
        try {
            fileSystem.mkdirs(folder);
            write(fileSystem, new Path(folder, DRIVERS), folder.getName());
            return "";
        } catch (IOException | RuntimeException failure) {
            return "the run's folder " + root + " cannot be written (" + described(failure) + ")";
        }
    }

    /**
     * An executor's part.
     *
     * @param fileSystem as the executor sees it
     * @param folder of the trial
     * @param name of the executor
     * @return why the folder is of no use there, or nothing
     */
    public static String answer(FileSystem fileSystem, Path folder, String name) {
        Path root = folder.getParent();
        try {
            if (!read(fileSystem, new Path(folder, DRIVERS)).equals(folder.getName())) {
                return "the run's folder " + root + " is another one there than on the driver";
            }
        } catch (FileNotFoundException absent) {
            return "the run's folder " + root
                    + " is not the driver's there, or cannot be entered: the file that the driver wrote is"
                    + " not in it";
        } catch (IOException | RuntimeException failure) {
            return "the run's folder " + root + " cannot be read (" + described(failure) + ")";
        }
        Path own = new Path(folder, fileOf(name));
        try {
            write(fileSystem, own, name);
            return read(fileSystem, own).equals(name)
                    ? ""
                    : "a file in the run's folder " + root + " has other bytes than were written into it";
        } catch (IOException | RuntimeException failure) {
            return "the run's folder " + root + " cannot be written (" + described(failure) + ")";
        }
    }

    /** Whether the driver sees what an executor wrote; returns why not, or nothing. */
    public String seen(String name) {
        try {
            return fileSystem.exists(new Path(folder, fileOf(name)))
                    ? ""
                    : "what it writes into the run's folder " + root + " is not seen by the driver";
        } catch (IOException | RuntimeException failure) {
            return "the driver cannot look into the run's folder " + root + " (" + described(failure) + ")";
        }
    }

    /** Removes the files. */
    @Override
    public void close() {
        try {
            fileSystem.delete(folder, true);
        } catch (IOException | RuntimeException failure) {
            LOG.warn("{} is not needed any more and could not be deleted", folder, failure);
        }
    }

    private static String fileOf(String name) {
        return "executor-" + name;
    }

    private static void write(FileSystem fileSystem, Path file, String text) throws IOException {
        try (FSDataOutputStream stream = fileSystem.create(file, true)) {
            stream.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static String read(FileSystem fileSystem, Path file) throws IOException {
        try (FSDataInputStream stream = fileSystem.open(file)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String described(Exception failure) {
        return failure.getMessage() == null
                ? failure.getClass().getSimpleName()
                : failure.getMessage().lines().findFirst().orElse("");
    }
}
