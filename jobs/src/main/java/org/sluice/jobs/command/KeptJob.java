package org.sluice.jobs.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.RunLease;
import org.sluice.jobs.InputException;
import org.sluice.jobs.file.Job;

/** The job that a run's folder holds as {@code job.yaml}: what the results in it were made by. */
final class KeptJob {
    private static final int SHOWN_DIFFERENCES = 4;

    private final RunFolder run;
    private final FileSystem fileSystem;

    KeptJob(RunFolder run) {
        this.run = run;
        this.fileSystem = run.fileSystem();
    }

    /** @throws InputException if the run holds no job */
    Job read() throws IOException {
        return read(List.of());
    }

    /**
     * The job, with some of its settings changed.
     *
     * @param options {@code KEY=VALUE} each
     * @throws InputException if the run holds no job, or an option is wrong
     */
    Job read(List<String> options) throws IOException {
        if (!fileSystem.exists(run.jobFile())) {
            throw new InputException("the run " + run + " has no job.yaml, so nobody knows how to go on with it");
        }
        try (InputStream stream = fileSystem.open(run.jobFile())) {
            String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return Job.read(text, run.jobFile().toUri().getPath(), options);
        }
    }

    /** @throws InputException if the folder holds results of a job with other settings; the message names the keys */
    void requireSame(Job job) throws IOException {
        if (!fileSystem.exists(run.jobFile())) {
            return;
        }
        List<String> differences = job.differencesTo(read());
        if (!differences.isEmpty()) {
            int shown = Math.min(SHOWN_DIFFERENCES, differences.size());
            String more = differences.size() > shown ? ", and " + (differences.size() - shown) + " more" : "";
            throw new InputException("the run " + run + " was begun with other settings: "
                    + String.join(", ", differences.subList(0, shown)) + more
                    + ". Give this one another name (--set name=...), or throw the results there away with --fresh");
        }
    }

    void write(Job job) throws IOException {
        try (OutputStream stream = fileSystem.create(run.jobFile(), true)) {
            stream.write(job.text().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Deletes what earlier runs left in the folder, except a dataset in it, logs, and this process's right to write there. */
    void deleteResults(Path dataset) throws IOException {
        Path kept = fileSystem.makeQualified(dataset);
        for (FileStatus entry : fileSystem.listStatus(run.root())) {
            Path path = entry.getPath();
            boolean stays = path.equals(kept)
                    || path.getName().endsWith(".log")
                    || path.getName().equals(RunLease.FILE);
            if (!stays) {
                fileSystem.delete(path, true);
            }
        }
    }
}
