package org.sluice.experiments;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.sluice.cluster.Progress;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.Trainer;
import org.sluice.cluster.TrainingOutcome;
import org.sluice.data.Dataset;
import org.sluice.experiments.report.Provenance;
import org.sluice.experiments.report.ReportHtml;
import org.sluice.experiments.report.ReportJson;
import org.sluice.experiments.report.RunReport;
import org.sluice.model.DecoderConfig;

/**
 * Trains and evaluates variants one after the other, and writes the report anew whenever one is done.
 *
 * <p>What it finds goes into {@code metrics.jsonl}, and it looks there before it does anything: so a comparison that was stopped, or
 * failed, goes on where it was, and a variant that is trained and evaluated on as many held-out blocks stays as it is.
 */
public final class Comparison {
    private final JavaSparkContext spark;
    private final RunFolder folder;
    private final ComparisonPlan plan;
    private final RunDescription description;
    private final ComparisonListener listener;
    private final Dataset dataset;
    private final DistributedEvaluation evaluation;
    private volatile boolean stopRequested;
    private volatile Trainer training;

    /**
     * Opens the dataset.
     *
     * @param spark a session with the settings that {@link org.sluice.cluster.RecommendedSettings} names
     * @throws org.sluice.data.DatasetException if the dataset cannot be used
     */
    public Comparison(
            JavaSparkContext spark,
            RunFolder folder,
            ComparisonPlan plan,
            RunDescription description,
            ComparisonListener listener) {
        this.spark = spark;
        this.folder = folder;
        this.plan = plan;
        this.description = description;
        this.listener = listener;
        this.dataset = Dataset.open(folder.hadoop(), plan.dataset());
        this.evaluation = new DistributedEvaluation(spark, dataset, plan.evaluation());
    }

    /** Asks to stop after the round that is under way, with a checkpoint. May be called from any thread, a signal handler's too. */
    public void requestStop() {
        stopRequested = true;
        Trainer underWay = training;
        if (underWay != null) {
            underWay.requestStop();
        }
    }

    /**
     * Does all that is not done yet.
     *
     * @param resume whether the run may hold some of these variants already
     * @throws IllegalStateException if it holds one and this is not to resume; nothing has been touched then
     * @throws EvaluationException if an evaluation fails
     * @throws IOException if the run's folder cannot be read or written
     * @throws RuntimeException what {@link Trainer#train} throws
     */
    public ComparisonOutcome run(boolean resume) throws IOException {
        if (!resume) {
            requireFresh();
        }
        for (Variant variant : plan.variants()) {
            if (!complete(variant)) {
                return new ComparisonOutcome(false, report());
            }
            Optional<RunReport> soFar = report();
            if (soFar.isPresent()) {
                write(folder.reportJson(), ReportJson.text(soFar.get()));
                write(folder.reportHtml(), ReportHtml.text(soFar.get()));
            }
        }
        return new ComparisonOutcome(true, report());
    }

    /** @return whether the variant is done; otherwise a stop was requested */
    private boolean complete(Variant variant) throws IOException {
        DecoderConfig model = plan.model(variant);
        if (plan.evaluateUntrained() && !evaluateUntrained(variant, model)) {
            return false;
        }
        Trainer trainer = new Trainer(spark, folder, plan.trainingPlan(variant), listener.training());
        training = trainer;
        if (stopRequested) {
            return false;
        }
        TrainingOutcome outcome = trainer.train(true);
        training = null;
        return outcome.status() == TrainingOutcome.Status.COMPLETED && evaluateTrained(variant, model, outcome);
    }

    private boolean evaluateUntrained(Variant variant, DecoderConfig model) throws IOException {
        EvaluationStage stage = EvaluationStage.UNTRAINED;
        if (RunResults.read(folder).isEvaluated(variant.name(), stage, 0, evaluation.blocks())) {
            return true;
        }
        LongConsumer progress = progress(variant, stage);
        Optional<String> start = plan.startCheckpoint(variant);
        Optional<EvaluationOutcome> outcome = start.isPresent()
                ? evaluation.ofWeights(new Path(start.get()), model, progress, () -> stopRequested)
                : evaluation.ofUntrained(model, plan.training().seed(), progress, () -> stopRequested);
        return keep(variant, model, stage, new Progress(0, 0, 0, 0), outcome);
    }

    private boolean evaluateTrained(Variant variant, DecoderConfig model, TrainingOutcome training) throws IOException {
        EvaluationStage stage = EvaluationStage.TRAINED;
        Progress progress = training.progress();
        if (RunResults.read(folder).isEvaluated(variant.name(), stage, progress.step(), evaluation.blocks())) {
            listener.finishedBefore(variant.name());
            return true;
        }
        Optional<EvaluationOutcome> outcome =
                evaluation.ofCheckpoint(new Path(training.checkpoint()), progress(variant, stage), () -> stopRequested);
        return keep(variant, model, stage, progress, outcome);
    }

    private boolean keep(
            Variant variant,
            DecoderConfig model,
            EvaluationStage stage,
            Progress progress,
            Optional<EvaluationOutcome> outcome)
            throws IOException {
        if (outcome.isEmpty()) {
            return false;
        }
        folder.metrics()
                .append(List.of(RunResults.evaluationEvent(
                        variant,
                        model,
                        stage,
                        progress.step(),
                        progress.tokens(),
                        progress.trainSeconds(),
                        outcome.get())));
        listener.evaluated(variant.name(), stage, outcome.get());
        return true;
    }

    private LongConsumer progress(Variant variant, EvaluationStage stage) {
        long total = evaluation.blocks();
        listener.evaluating(variant.name(), stage, 0, total);
        return done -> listener.evaluating(variant.name(), stage, done, total);
    }

    private void requireFresh() throws IOException {
        List<String> known = RunResults.read(folder).variants();
        List<String> stored = folder.variants();
        for (Variant variant : plan.variants()) {
            if (known.contains(variant.name()) || stored.contains(variant.name())) {
                throw new IllegalStateException("the run " + folder + " holds results of '" + variant.name()
                        + "' already: resume it, take another run name, or delete it");
            }
        }
    }

    private Optional<RunReport> report() throws IOException {
        RunResults results = RunResults.read(folder);
        List<String> names = plan.variants().stream().map(Variant::name).toList();
        return results.report(folder.name(), names, provenance(results));
    }

    private Provenance provenance(RunResults results) {
        return new Provenance(
                description.jobFile(),
                description.command(),
                Map.of(
                        "training", plan.training().seed(),
                        "data", dataset.manifest().configuration().seed()),
                Provenance.sluiceVersion(),
                spark.version(),
                Provenance.nd4jVersion(),
                Provenance.javaVersion(),
                Provenance.operatingSystemVersion(),
                spark.sc().master(),
                plan.cluster().precision().toString(),
                results.backends(),
                Runtime.getRuntime().availableProcessors(),
                dataset.folder(),
                dataset.hash(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    private void write(Path file, String text) throws IOException {
        try (OutputStream stream = folder.fileSystem().create(file, true)) {
            stream.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
