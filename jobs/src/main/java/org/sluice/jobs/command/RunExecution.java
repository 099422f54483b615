package org.sluice.jobs.command;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.sluice.cluster.RunFolder;
import org.sluice.data.Dataset;
import org.sluice.experiments.Comparison;
import org.sluice.experiments.ComparisonOutcome;
import org.sluice.experiments.ComparisonPlan;
import org.sluice.experiments.RunDescription;
import org.sluice.experiments.report.RunReport;
import org.sluice.experiments.report.SummaryTable;
import org.sluice.jobs.console.ComparisonProgress;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.console.Interrupts;
import org.sluice.jobs.file.Job;
import org.sluice.jobs.file.JobFile;
import org.sluice.jobs.spark.SparkSessions;

/** Does every stage of a job that is not done yet: dataset, training and evaluation of each variant, report. */
final class RunExecution {
    private final Console console;
    private final Interrupts interrupts;
    private final List<String> arguments;

    /** @param arguments of the command line, for the record */
    RunExecution(Console console, Interrupts interrupts, List<String> arguments) {
        this.console = console;
        this.interrupts = interrupts;
        this.arguments = List.copyOf(arguments);
    }

    /**
     * Runs a job in a folder.
     *
     * @param fresh whether results that are there are thrown away first
     * @return the exit code of the command
     */
    int execute(Job job, String folder, boolean fresh) throws IOException {
        JobFile file = job.file();
        try (SparkSession spark = SparkSessions.start(file.name());
                OpenRun opened = OpenRun.take(folder, spark.sparkContext().hadoopConfiguration(), console)) {
            RunFolder run = opened.folder();
            KeptJob kept = new KeptJob(run);
            if (fresh) {
                kept.deleteResults(new Path(file.dataset(folder)));
            }
            kept.requireSame(job);
            Dataset dataset = PrepareCommand.prepare(spark, file, folder, false, console);
            kept.write(job);
            ComparisonPlan plan = new StartCheckpoints(run, console)
                    .addTo(file.plan(dataset.folder(), dataset.vocabulary()), file.startFrom());
            return compare(spark, run, plan, job);
        }
    }

    private int compare(SparkSession spark, RunFolder run, ComparisonPlan plan, Job job) throws IOException {
        RunDescription description = new RunDescription(job.text(), "sluice " + String.join(" ", arguments));
        try (ComparisonProgress progress = new ComparisonProgress(console);
                Watching watching = Watching.begin(job.file().watching(), run, plan, console)) {
            Comparison comparison = new Comparison(
                    JavaSparkContext.fromSparkContext(spark.sparkContext()),
                    run,
                    plan,
                    description,
                    watching.behind(progress));
            ComparisonOutcome outcome;
            try (Interrupts.Scope orderly = interrupts.stopBy(comparison::requestStop)) {
                outcome = comparison.run(true);
            }
            progress.close();
            outcome.report().ifPresent(report -> show(report, run));
            if (outcome.completed()) {
                return 0;
            }
            console.message("stopped. Go on with: jobs/sluice resume "
                    + run.root().toUri().getPath());
            return Interrupts.EXIT_CODE;
        }
    }

    private void show(RunReport report, RunFolder run) {
        console.result("");
        SummaryTable.lines(report).forEach(console::result);
        console.result("");
        console.result("report: " + run.reportHtml().toUri().getPath());
    }
}
