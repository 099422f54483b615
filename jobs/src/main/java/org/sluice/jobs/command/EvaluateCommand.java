package org.sluice.jobs.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.sluice.cluster.RunFolder;
import org.sluice.data.Dataset;
import org.sluice.experiments.DistributedEvaluation;
import org.sluice.experiments.EvaluationConfig;
import org.sluice.experiments.EvaluationOutcome;
import org.sluice.experiments.report.EvaluationJson;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import org.sluice.jobs.console.Progress;
import org.sluice.jobs.spark.SparkSessions;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.tensor.Backends;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures checkpoints on held-out text. */
@Command(
        name = "evaluate",
        description =
                "Measure a checkpoint on held-out text: loss, perplexity, first-token attention, activations, gate scores."
                        + " Prints one line of JSON for each.")
public final class EvaluateCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "A run or a checkpoint.")
    private String folder;

    @Option(names = "--variant", paramLabel = "NAME", description = "Of a run: this variant (default: all).")
    private Optional<String> variant = Optional.empty();

    @Option(
            names = "--dataset",
            paramLabel = "FOLDER",
            description = "The dataset (default: what the model was trained on).")
    private Optional<String> dataset = Optional.empty();

    @Option(
            names = "--blocks",
            defaultValue = "256",
            description = "At most so many held-out blocks (default: ${DEFAULT-VALUE}).")
    private long blocks;

    @Option(
            names = "--sequences",
            defaultValue = "8",
            description = "Blocks that go through the model at once (default: ${DEFAULT-VALUE}).")
    private int sequences;

    @Option(
            names = "--backend",
            defaultValue = Backends.AUTOMATIC,
            description = "The backend (default: ${DEFAULT-VALUE}).")
    private String backend;

    private final Console console;

    public EvaluateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        EvaluationConfig config = config();
        List<Checkpoint> checkpoints = checkpoints(SparkHadoopUtil.get().newConfiguration(new SparkConf()));
        try (SparkSession spark = SparkSessions.start("evaluate")) {
            JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
            for (Checkpoint checkpoint : checkpoints) {
                evaluate(context, checkpoint, config);
            }
        }
        return 0;
    }

    private void evaluate(JavaSparkContext spark, Checkpoint checkpoint, EvaluationConfig config) {
        String data = dataset.orElseGet(() -> datasetOf(checkpoint));
        DistributedEvaluation evaluation =
                new DistributedEvaluation(spark, Dataset.open(spark.hadoopConfiguration(), data), config);
        EvaluationOutcome outcome;
        try (Progress progress = console.progress("evaluating", evaluation.blocks(), 0, "blocks")) {
            outcome = evaluation
                    .of(checkpoint, done -> progress.update(done, evaluation.blocks(), ""), () -> false)
                    .orElseThrow();
        }
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("checkpoint", checkpoint.folder().toString());
        line.put("dataset", data);
        line.set("variant", checkpoint.payload().path("variant"));
        line.set("step", checkpoint.payload().path("step"));
        EvaluationJson.write(outcome.result(), line);
        console.result(line.toString());
    }

    private List<Checkpoint> checkpoints(Configuration hadoop) throws IOException {
        CheckpointPlace place = new CheckpointPlace(hadoop, console);
        if (variant.isPresent() || FolderKind.of(hadoop, folder) != FolderKind.RUN) {
            return List.of(place.checkpoint(folder, variant));
        }
        RunFolder run = new RunFolder(hadoop, folder);
        if (run.variants().isEmpty()) {
            throw new InputException("the run " + run + " has no checkpoint yet");
        }
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (String name : run.variants()) {
            checkpoints.add(place.newest(run, name));
        }
        return checkpoints;
    }

    private EvaluationConfig config() {
        try {
            return new EvaluationConfig(backend, sequences, blocks);
        } catch (IllegalArgumentException e) {
            throw new InputException("--" + e.getMessage().replaceFirst("^evaluation: ", ""), e);
        }
    }

    private static String datasetOf(Checkpoint checkpoint) {
        String trainedOn = checkpoint.payload().path("dataset").path("folder").asText();
        if (trainedOn.isEmpty()) {
            throw new InputException("the checkpoint " + checkpoint.folder()
                    + " does not say what it was trained on; name a dataset with --dataset");
        }
        return trainedOn;
    }
}
