package org.sluice.cluster;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Where a run keeps its files, on any Hadoop file system: {@code metrics.jsonl}, {@code report.json}, {@code report.html},
 * {@code job.yaml}, and for each variant {@code VARIANT/checkpoints/round-00000012}.
 */
public final class RunFolder {
    private static final String CHECKPOINTS = "checkpoints";
    private static final String METRICS = "metrics.jsonl";

    private final Configuration hadoop;
    private final FileSystem fileSystem;
    private final Path root;
    private volatile RunLease lease;

    /**
     * @param path the run's folder, {@code runs/NAME}; it need not exist
     * @throws IOException if its file system cannot be reached
     */
    public RunFolder(Configuration hadoop, String path) throws IOException {
        this.hadoop = hadoop;
        Path given = new Path(path);
        FileSystem found = given.getFileSystem(hadoop);
        // The local file system's wrapper with checksums cannot append, and would look for them beside files written
        // without.
        this.fileSystem = found instanceof ChecksumFileSystem checksummed ? checksummed.getRawFileSystem() : found;
        this.root = fileSystem.makeQualified(given);
    }

    static void requireVariantName(String variant) {
        if (!variant.matches("[A-Za-z0-9][A-Za-z0-9._+-]*")) {
            throw new IllegalArgumentException(
                    "'" + variant
                            + "' cannot name a variant: it needs letters, digits, '.', '_', '+' or '-', and a letter or digit first");
        }
    }

    public Configuration hadoop() {
        return hadoop;
    }

    public FileSystem fileSystem() {
        return fileSystem;
    }

    public Path root() {
        return root;
    }

    /** The run's name: the last part of its path. */
    public String name() {
        return root.getName();
    }

    public boolean exists() throws IOException {
        return fileSystem.exists(root);
    }

    /**
     * Takes the right to write into the run, which one process has at a time; training through this folder then makes sure that it still
     * has it before it writes.
     *
     * @param waiting is told what is waited for, if whoever has the run may be dead, or not
     * @return to be closed when nothing more is to be written
     * @throws RunInUseException if another process has it
     */
    public RunLease take(Consumer<String> waiting) throws IOException {
        lease = RunLease.take(this, waiting);
        return lease;
    }

    /** Makes sure that no other process has taken the run, if this folder took it. */
    void requireHeld() throws IOException {
        if (lease != null) {
            lease.requireHeld();
        }
    }

    /** Deletes the run with all that is in it. */
    public void delete() throws IOException {
        if (exists() && !fileSystem.delete(root, true)) {
            throw new IOException("the run " + root + " could not be deleted");
        }
    }

    public Path metricsFile() {
        return new Path(root, METRICS);
    }

    public MetricsLog metrics() {
        return new MetricsLog(fileSystem, metricsFile());
    }

    public Path reportJson() {
        return new Path(root, "report.json");
    }

    public Path reportHtml() {
        return new Path(root, "report.html");
    }

    public Path jobFile() {
        return new Path(root, "job.yaml");
    }

    public Path checkpoints(String variant) {
        requireVariantName(variant);
        return new Path(new Path(root, variant), CHECKPOINTS);
    }

    /** The variants that have a folder for checkpoints, by name. */
    public List<String> variants() throws IOException {
        if (!exists()) {
            return List.of();
        }
        return Arrays.stream(fileSystem.listStatus(root, this::holdsCheckpoints))
                .map(FileStatus::getPath)
                .map(Path::getName)
                .sorted()
                .toList();
    }

    private boolean holdsCheckpoints(Path folder) {
        try {
            return fileSystem.exists(new Path(folder, CHECKPOINTS));
        } catch (IOException unreadable) {
            return false;
        }
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
