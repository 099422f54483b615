package org.sluice.jobs.command;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.Trainer;
import org.sluice.cluster.TrainingOutcome;
import org.sluice.data.Dataset;
import org.sluice.experiments.ComparisonPlan;
import org.sluice.experiments.Variant;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.console.Interrupts;
import org.sluice.jobs.console.TrainingProgress;
import org.sluice.jobs.file.Job;
import org.sluice.jobs.file.JobFile;
import org.sluice.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains the variants of a job on a dataset that is prepared, and evaluates nothing. */
@Command(name = "train", description = "Train every variant on the prepared dataset, without evaluation and report.")
public final class TrainCommand implements Callable<Integer> {
    @Mixin
    private JobOptions options;

    @Option(
            names = "--fresh",
            description = "Throw away what earlier runs left in the run's folder; a dataset is kept.")
    private boolean fresh;

    private final Console console;
    private final Interrupts interrupts;

    public TrainCommand(Console console, Interrupts interrupts) {
        this.console = console;
        this.interrupts = interrupts;
    }

    @Override
    public Integer call() throws IOException {
        Job job = options.load();
        JobFile file = job.file();
        String dataset = file.dataset(file.folder());
        try (SparkSession spark = SparkSessions.start(file.name())) {
            Dataset prepared = Dataset.open(spark.sparkContext().hadoopConfiguration(), dataset);
            try (OpenRun run = OpenRun.take(file.folder(), spark.sparkContext().hadoopConfiguration(), console)) {
                return trainAll(spark, run.folder(), job, prepared);
            }
        }
    }

    private int trainAll(SparkSession spark, RunFolder run, Job job, Dataset dataset) throws IOException {
        KeptJob kept = new KeptJob(run);
        if (fresh) {
            kept.deleteResults(new Path(dataset.folder()));
        }
        kept.requireSame(job);
        kept.write(job);
        JobFile file = job.file();
        ComparisonPlan plan = new StartCheckpoints(run, console)
                .addTo(file.plan(dataset.folder(), dataset.vocabulary()), file.startFrom());
        try (Watching watching = Watching.begin(file.watching(), run, plan, console)) {
            for (Variant variant : plan.variants()) {
                if (!train(spark, run, plan, variant, watching)) {
                    console.message("stopped. Go on with the same command, or evaluate and report too with:"
                            + " jobs/sluice resume " + run.root().toUri().getPath());
                    return Interrupts.EXIT_CODE;
                }
            }
            return 0;
        }
    }

    private boolean train(SparkSession spark, RunFolder run, ComparisonPlan plan, Variant variant, Watching watching)
            throws IOException {
        try (TrainingProgress progress = new TrainingProgress(console)) {
            Trainer trainer = new Trainer(
                    JavaSparkContext.fromSparkContext(spark.sparkContext()),
                    run,
                    plan.trainingPlan(variant),
                    watching.behind(progress));
            TrainingOutcome outcome;
            try (Interrupts.Scope orderly = interrupts.stopBy(trainer::requestStop)) {
                outcome = trainer.train(true);
            }
            progress.close();
            console.result(String.format(
                    Locale.ROOT,
                    "%s: %,d steps, %,d tokens in %,.0f s; checkpoint %s",
                    variant.name(),
                    outcome.progress().step(),
                    outcome.progress().tokens(),
                    outcome.progress().trainSeconds(),
                    outcome.checkpoint()));
            return outcome.status() == TrainingOutcome.Status.COMPLETED;
        }
    }
}
