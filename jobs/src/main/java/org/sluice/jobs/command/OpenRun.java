package org.sluice.jobs.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.RunInUseException;
import org.sluice.cluster.RunLease;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.console.LogFile;

/** A run's folder that this process alone writes into, and the log of what it does there. */
record OpenRun(RunFolder folder, RunLease lease) implements AutoCloseable {
    private static final String LOG = "sluice.log";

    /**
     * Takes a run and opens its log.
     *
     * @throws InputException if another process has the run
     */
    static OpenRun take(String folder, Configuration hadoop, Console console) {
        try {
            RunFolder run = new RunFolder(hadoop, folder);
            RunLease lease = run.take(console::message);
            Path log = log(run).toAbsolutePath();
            LogFile.open(log);
            console.message("log: " + Path.of("").toAbsolutePath().relativize(log));
            return new OpenRun(run, lease);
        } catch (RunInUseException e) {
            throw new InputException(e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("the run's folder " + folder + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** In the run's folder if that is on a local disk, else in the working folder under the run's name. */
    private static Path log(RunFolder run) {
        return run.fileSystem() instanceof RawLocalFileSystem local
                ? local.pathToFile(run.root()).toPath().resolve(LOG)
                : Path.of(run.name() + ".log");
    }

    @Override
    public void close() throws IOException {
        lease.close();
    }
}
