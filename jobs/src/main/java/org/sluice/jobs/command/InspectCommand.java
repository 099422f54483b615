package org.sluice.jobs.command;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.sluice.cluster.RunFolder;
import org.sluice.data.Dataset;
import org.sluice.jobs.console.Console;
import org.sluice.model.checkpoint.Checkpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a folder holds, and whether it is whole. */
@Command(name = "inspect", description = "Say what a run, a checkpoint or a dataset holds, and verify it.")
public final class InspectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "A run, a checkpoint or a dataset.")
    private String folder;

    @Option(names = "--variant", paramLabel = "NAME", description = "Of a run: this variant's newest checkpoint.")
    private Optional<String> variant = Optional.empty();

    private final Console console;

    public InspectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
        switch (FolderKind.of(hadoop, folder)) {
            case DATASET -> console.result(DatasetSummary.of(Dataset.open(hadoop, folder)));
            case CHECKPOINT -> console.result(CheckpointSummary.of(Checkpoint.open(hadoop, new Path(folder))));
            case RUN -> inspectRun(new RunFolder(hadoop, folder));
        }
        return 0;
    }

    private void inspectRun(RunFolder run) throws IOException {
        if (variant.isEmpty()) {
            console.result(RunSummary.of(run));
            return;
        }
        Checkpoint newest = new CheckpointPlace(run.hadoop(), console).newest(run, variant.get());
        console.result(CheckpointSummary.of(newest));
    }
}
