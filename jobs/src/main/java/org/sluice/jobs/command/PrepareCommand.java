package org.sluice.jobs.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.sluice.data.Dataset;
import org.sluice.data.DatasetPreparation;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.console.PreparationProgress;
import org.sluice.jobs.file.JobFile;
import org.sluice.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Turns the corpus of a job file into a dataset. */
@Command(name = "prepare", description = "Turn the corpus into token blocks.")
public final class PrepareCommand implements Callable<Integer> {
    @Mixin
    private JobOptions job;

    @Option(
            names = "--overwrite",
            description = "Replace a dataset that was prepared from other settings or other files.")
    private boolean overwrite;

    private final Console console;

    public PrepareCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        JobFile file = job.load().file();
        try (SparkSession spark = SparkSessions.start("prepare " + file.name());
                OpenRun alone = OpenRun.take(file.folder(), spark.sparkContext().hadoopConfiguration(), console)) {
            console.result(DatasetSummary.of(prepare(spark, file, file.folder(), overwrite, console)));
            return 0;
        }
    }

    /**
     * Prepares the dataset of a job, or finds it prepared.
     *
     * @param folder of the run
     */
    static Dataset prepare(SparkSession spark, JobFile file, String folder, boolean overwrite, Console console) {
        if (file.data().inputs().isEmpty()) {
            if (file.data().output().isEmpty()) {
                throw new InputException(
                        "the job names neither data.inputs nor data.output: there is no text to train on");
            }
            return Dataset.open(spark.sparkContext().hadoopConfiguration(), file.dataset(folder));
        }
        try (PreparationProgress progress = new PreparationProgress(console)) {
            return DatasetPreparation.prepare(spark, file.data().toConfig(file.dataset(folder)), overwrite, progress);
        }
    }
}
