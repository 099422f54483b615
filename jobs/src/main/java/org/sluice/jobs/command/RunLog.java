package org.sluice.jobs.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.sluice.cluster.RunFolder;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.console.LogFile;

/** Where the log of a run is: in its folder if that is on a local disk, else in the working folder under the run's name. */
final class RunLog {
    private static final String NAME = "sluice.log";

    private RunLog() {}

    /** Opens a run's folder, and its log. */
    static RunFolder open(String folder, Configuration hadoop, Console console) {
        try {
            RunFolder run = new RunFolder(hadoop, folder);
            FileSystem fileSystem = run.fileSystem();
            Path log = Path.of(run.name() + ".log");
            if (fileSystem instanceof RawLocalFileSystem local) {
                fileSystem.mkdirs(run.root());
                log = local.pathToFile(run.root()).toPath().resolve(NAME);
            }
            LogFile.open(log.toAbsolutePath());
            console.message("log: " + Path.of("").toAbsolutePath().relativize(log.toAbsolutePath()));
            return run;
        } catch (IOException e) {
            throw new UncheckedIOException("the run's folder " + folder + " cannot be opened: " + e.getMessage(), e);
        }
    }
}
