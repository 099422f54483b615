package org.sluice.jobs.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.console.Interrupts;
import org.sluice.jobs.file.Job;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Does every stage of a job file. */
@Command(
        name = "run",
        description =
                "Do all that a job file says: prepare the dataset, train and evaluate every variant, write the report."
                        + " What was done before, by the same settings, is not done again.")
public final class RunCommand implements Callable<Integer> {
    @Mixin
    private JobOptions options;

    @Option(
            names = "--fresh",
            description = "Throw away what earlier runs left in the run's folder; a dataset is kept.")
    private boolean fresh;

    @Spec
    private CommandSpec spec;

    private final Console console;
    private final Interrupts interrupts;

    public RunCommand(Console console, Interrupts interrupts) {
        this.console = console;
        this.interrupts = interrupts;
    }

    @Override
    public Integer call() throws IOException {
        Job job = options.load();
        return new RunExecution(
                        console, interrupts, spec.commandLine().getParseResult().originalArgs())
                .execute(job, job.file().folder(), fresh);
    }
}
