package org.sluice.jobs.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.sluice.cluster.RunFolder;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.console.Interrupts;
import org.sluice.jobs.file.Job;
import org.sluice.model.checkpoint.Checkpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Goes on with a run that was stopped. */
@Command(
        name = "resume",
        description =
                "Go on with a stopped run, from each variant's newest checkpoint that is whole, by the settings that it was begun"
                        + " with. A checkpoint's folder stands for its variant of its run.")
public final class ResumeCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "A run, or a checkpoint in one.")
    private String folder;

    @Option(names = "--variant", paramLabel = "NAME", description = "Go on with this variant only.")
    private Optional<String> variant = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Change a setting that results do not go by, such as --set cluster.workers=3 on a cluster that has shrunk."
                            + " Can be repeated.")
    private List<String> settings = new ArrayList<>();

    @Spec
    private CommandSpec spec;

    private final Console console;
    private final Interrupts interrupts;

    public ResumeCommand(Console console, Interrupts interrupts) {
        this.console = console;
        this.interrupts = interrupts;
    }

    @Override
    public Integer call() throws IOException {
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
        RunFolder run;
        Optional<String> only = variant;
        FolderKind kind = FolderKind.of(hadoop, folder);
        switch (kind) {
            case RUN -> run = new RunFolder(hadoop, folder);
            case CHECKPOINT -> {
                Checkpoint checkpoint = new CheckpointPlace(hadoop, console).checkpoint(folder, variant);
                run = new CheckpointPlace(hadoop, console).runOf(checkpoint.folder());
                only = Optional.of(checkpoint.folder().getParent().getParent().getName());
                requireNewest(run, only.get(), checkpoint);
            }
            default -> throw kind.instead(folder);
        }
        Job kept = new KeptJob(run).read(settings);
        Job job = only.isEmpty() ? kept : kept.withVariant(only.get());
        return new RunExecution(
                        console, interrupts, spec.commandLine().getParseResult().originalArgs())
                .execute(job, run.root().toString(), false);
    }

    private static void requireNewest(RunFolder run, String variant, Checkpoint checkpoint) throws IOException {
        List<Path> newest = Checkpoint.newestFirst(run.hadoop(), run.checkpoints(variant));
        if (!newest.get(0).getName().equals(checkpoint.folder().getName())) {
            throw new InputException("training goes on from the newest checkpoint, which is "
                    + newest.get(0).getName() + ", not " + checkpoint.folder().getName()
                    + "; to go back to an older one, delete those after it");
        }
    }
}
