package org.sluice.jobs.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.sluice.cluster.RunFolder;
import org.sluice.data.Dataset;
import org.sluice.jobs.InputException;
import org.sluice.jobs.OptionValues;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.inspect.ModelInspection;
import org.sluice.model.ModelScale;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.CheckpointFormatException;
import org.sluice.model.interchange.ForeignModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a name or a folder holds. It needs no Spark session. */
@Command(
        name = "inspect",
        description = {
            "Of the name of a preset, a variant or a row of the paper's tables: say its shapes, parameters, operations and memory.",
            "Of the folder of a run, a checkpoint, a dataset or a model in the format of others: say what it holds, and verify it."
        })
public final class InspectCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME|FOLDER", arity = "0..1", description = "See --list for the names.")
    private Optional<String> target = Optional.empty();

    @Option(names = "--list", description = "All names, a line each.")
    private boolean list;

    @Option(names = "--json", description = "Of a name or the list: one line of JSON.")
    private boolean json;

    @Option(
            names = "--scale",
            defaultValue = "full",
            description = "Of a name: full, medium, small or tiny (default: ${DEFAULT-VALUE}).")
    private String scale;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            defaultValue = "moe-15a2b",
            description = "Of a variant: the model that it changes (default: ${DEFAULT-VALUE}).")
    private String preset;

    @Option(
            names = "--length",
            description = "Of a name: positions of a sequence (default: the paper's, at a smaller scale less).")
    private Optional<Integer> length = Optional.empty();

    @Option(names = "--variant", paramLabel = "NAME", description = "Of a run: this variant's newest checkpoint.")
    private Optional<String> variant = Optional.empty();

    private final Console console;

    public InspectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (list) {
            console.result(json ? ModelInspection.listJson() : ModelInspection.listText());
            return 0;
        }
        String wanted = target.orElseThrow(() ->
                new InputException("inspect needs a name or a folder; jobs/sluice inspect --list shows all names"));
        // A folder of a known name can be given as ./NAME.
        if (ModelInspection.knows(wanted) && !Files.isDirectory(Path.of(wanted))) {
            inspectModel(wanted);
        } else {
            inspectFolder(wanted);
        }
        return 0;
    }

    private void inspectModel(String name) {
        length.ifPresent(given -> OptionValues.requireAtLeast("--length", given, 1));
        try {
            ModelInspection model = new ModelInspection(name, ModelScale.named(scale), preset, length);
            console.result(json ? model.json() : model.text());
        } catch (IllegalArgumentException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    private void inspectFolder(String folder) throws IOException {
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
        if (!exists(hadoop, folder)) {
            throw new InputException("'" + folder + "' is neither a folder nor the name of a model"
                    + ModelInspection.suggestion(folder) + " (jobs/sluice inspect --list shows all names)");
        }
        switch (FolderKind.of(hadoop, folder)) {
            case DATASET -> inspectDataset(Dataset.open(hadoop, folder));
            case CHECKPOINT ->
                console.result(CheckpointSummary.of(Checkpoint.open(hadoop, new org.apache.hadoop.fs.Path(folder))));
            case FOREIGN_MODEL -> inspectForeignModel(hadoop, folder);
            case RUN -> inspectRun(new RunFolder(hadoop, folder));
        }
    }

    private void inspectDataset(Dataset dataset) {
        console.result(DatasetSummary.of(dataset));
        dataset.verify();
        console.result("  every shard is whole");
    }

    private void inspectForeignModel(Configuration hadoop, String folder) throws IOException {
        try (ForeignModel model = ForeignModel.open(hadoop, new org.apache.hadoop.fs.Path(folder))) {
            console.result(ForeignModelSummary.of(folder, model));
        } catch (CheckpointFormatException refused) {
            throw new InputException(refused.getMessage(), refused);
        }
    }

    private static boolean exists(Configuration hadoop, String folder) throws IOException {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder);
        return path.getFileSystem(hadoop).exists(path);
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
