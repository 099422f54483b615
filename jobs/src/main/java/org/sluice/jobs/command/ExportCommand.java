package org.sluice.jobs.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.sluice.cluster.RunFolder;
import org.sluice.data.Dataset;
import org.sluice.data.DatasetException;
import org.sluice.data.DatasetManifest;
import org.sluice.data.Tokenizer;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.experiments.RunResults;
import org.sluice.experiments.report.EvaluationJson;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.console.Progress;
import org.sluice.jobs.exchange.ModelExport;
import org.sluice.jobs.generate.ModelTokenizer;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.interchange.ForeignFormat;
import org.sluice.model.interchange.GateLayout;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a checkpoint's model in a format that others read. It needs no Spark session. */
@Command(
        name = "export",
        description =
                "Write a model for others: safetensors, config.json and tokenizer as Hugging Face reads them, and a model card.")
public final class ExportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "A run or a checkpoint.")
    private String folder;

    @Option(names = "--variant", paramLabel = "NAME", description = "Of a run: this variant's newest checkpoint.")
    private Optional<String> variant = Optional.empty();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "FOLDER",
            description = "The folder to write; it must not be there, or be empty.")
    private String to;

    @Option(
            names = "--layout",
            paramLabel = "NAME",
            description = "Where the gate's weights lie: per-group (the paper's authors), per-head (Qwen3-Next) or"
                    + " separate (Sluice). Default: the first of these that can express the model.")
    private Optional<String> layout = Optional.empty();

    @Option(
            names = "--dtype",
            paramLabel = "NAME",
            defaultValue = "fp32",
            description = "The numbers in the files: fp32, bf16 or fp16 (default: ${DEFAULT-VALUE}).")
    private String dtype;

    private final Console console;

    public ExportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
        Checkpoint checkpoint = new CheckpointPlace(hadoop, console).checkpoint(folder, variant);
        ForeignFormat format = format(checkpoint);
        ModelExport export = new ModelExport(
                name(hadoop, checkpoint),
                checkpoint,
                tokenizer(hadoop, checkpoint),
                dataset(hadoop, checkpoint),
                evaluation(hadoop, checkpoint));
        String told;
        try (Progress progress = console.progress("exporting", 0, 0, "parameters")) {
            told = export.write(hadoop, to, format, dtype, progress);
        }
        console.result(told);
        return 0;
    }

    private ForeignFormat format(Checkpoint checkpoint) {
        try {
            return ForeignFormat.of(checkpoint.model(), layout.map(GateLayout::named));
        } catch (IllegalArgumentException refused) {
            String name = checkpoint.payload().path("variant").asText();
            throw new InputException(
                    (name.isEmpty() ? "" : "the variant " + name + " cannot be exported so: ") + refused.getMessage(),
                    refused);
        }
    }

    /** {@code quickstart-sdpa-elementwise}; a checkpoint that is in no run has its folder's name. */
    private String name(Configuration hadoop, Checkpoint checkpoint) throws IOException {
        String name = checkpoint.payload().path("variant").asText();
        return run(hadoop, checkpoint)
                .map(run -> run.name() + "-" + name)
                .orElseGet(() -> checkpoint.folder().getName());
    }

    private Optional<RunFolder> run(Configuration hadoop, Checkpoint checkpoint) throws IOException {
        try {
            return Optional.of(new CheckpointPlace(hadoop, console).runOf(checkpoint.folder()));
        } catch (InputException notInARun) {
            return Optional.empty();
        }
    }

    /** A model can be of use without its tokenizer, so a dataset that is gone does not stop the export. */
    private Optional<Tokenizer> tokenizer(Configuration hadoop, Checkpoint checkpoint) throws IOException {
        try {
            return Optional.of(new ModelTokenizer(hadoop, Optional.empty(), Optional.empty()).of(checkpoint));
        } catch (InputException | DatasetException gone) {
            console.message("exported without a tokenizer: " + gone.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<DatasetManifest> dataset(Configuration hadoop, Checkpoint checkpoint) {
        String trainedOn = checkpoint.payload().at("/dataset/folder").asText();
        try {
            return trainedOn.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Dataset.open(hadoop, trainedOn).manifest());
        } catch (DatasetException gone) {
            // The card then does without the table of domains.
            return Optional.empty();
        }
    }

    private Optional<EvaluationResult> evaluation(Configuration hadoop, Checkpoint checkpoint) throws IOException {
        JsonNode payload = checkpoint.payload();
        if (payload.has("evaluation")) {
            return Optional.of(EvaluationJson.read(payload.path("evaluation")));
        }
        Optional<RunFolder> run = run(hadoop, checkpoint);
        return run.isPresent()
                ? RunResults.read(run.get())
                        .evaluation(
                                payload.path("variant").asText(),
                                payload.path("step").asLong())
                : Optional.empty();
    }
}
