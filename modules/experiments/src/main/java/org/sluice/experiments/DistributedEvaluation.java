package org.sluice.experiments;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.sluice.data.Dataset;
import org.sluice.evaluation.PartialEvaluation;
import org.sluice.model.DecoderConfig;
import org.sluice.model.checkpoint.Checkpoint;

/**
 * Evaluates models on the held-out blocks of a dataset, spread over Spark tasks.
 *
 * <p>The blocks are cut into batches of fixed content, and the batches' evaluations are merged in their order. So the result is the same,
 * bit for bit, however many tasks there are, as long as a backend has the same cores in each. The driver holds no parameters.
 */
public final class DistributedEvaluation {
    private static final int TASKS_PER_CORE = 4;
    private static final long LOOK_MILLISECONDS = 200;

    private final JavaSparkContext spark;
    private final Dataset dataset;
    private final EvaluationConfig config;

    /** @param dataset an opened dataset, which tasks will open by the same folder */
    public DistributedEvaluation(JavaSparkContext spark, Dataset dataset, EvaluationConfig config) {
        this.spark = spark;
        this.dataset = dataset;
        this.config = config;
    }

    /** How many blocks an evaluation reads. */
    public long blocks() {
        return sample().size();
    }

    /**
     * Evaluates a checkpoint. Its files are verified on the driver first.
     *
     * @param progress is told the number of blocks that are done
     * @param stopped asked now and then whether to give up
     * @return empty if it was stopped
     * @throws EvaluationException if it fails, or the model does not fit the dataset
     * @throws IOException if the checkpoint does not verify or cannot be read
     */
    public Optional<EvaluationOutcome> ofCheckpoint(Path folder, LongConsumer progress, BooleanSupplier stopped)
            throws IOException {
        return of(Checkpoint.open(spark.hadoopConfiguration(), folder), progress, stopped);
    }

    /** Evaluates a checkpoint that is verified. See {@link #ofCheckpoint}. */
    public Optional<EvaluationOutcome> of(Checkpoint checkpoint, LongConsumer progress, BooleanSupplier stopped) {
        return evaluate(ModelSource.Stored.of(checkpoint), progress, stopped);
    }

    /**
     * Evaluates a checkpoint's weights as those of another model, whose parameters have the same shapes: one with other position
     * embeddings, say. See {@link #ofCheckpoint}.
     */
    Optional<EvaluationOutcome> ofWeights(
            Path folder, DecoderConfig model, LongConsumer progress, BooleanSupplier stopped) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(spark.hadoopConfiguration(), folder);
        return evaluate(
                new ModelSource.Stored(checkpoint.folder().toString(), model, checkpoint.parameterType()),
                progress,
                stopped);
    }

    /**
     * Evaluates a model as it is before training.
     *
     * @param seed what its parameters are drawn from
     * @param progress is told the number of blocks that are done
     * @param stopped asked now and then whether to give up
     * @return empty if it was stopped
     * @throws EvaluationException if it fails, or the model does not fit the dataset
     */
    public Optional<EvaluationOutcome> ofUntrained(
            DecoderConfig model, long seed, LongConsumer progress, BooleanSupplier stopped) {
        return evaluate(new ModelSource.Initialised(model, seed), progress, stopped);
    }

    private Optional<EvaluationOutcome> evaluate(ModelSource source, LongConsumer progress, BooleanSupplier stopped) {
        long start = System.nanoTime();
        requireSameVocabulary(source);
        List<EvaluationTask.Batch> batches = batches();
        int tasks = Math.min(batches.size(), Math.max(1, spark.defaultParallelism() * TASKS_PER_CORE));
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        try {
            JavaRDD<EvaluationTask.Evaluated> evaluated = spark.parallelize(batches, tasks)
                    .mapPartitions(new EvaluationTask(source, dataset.folder(), config, hadoop));
            Optional<List<EvaluationTask.Evaluated>> parts = collect(evaluated, source, progress, stopped);
            return parts.map(found -> outcome(source, found, (System.nanoTime() - start) * 1e-9));
        } finally {
            hadoop.destroy();
        }
    }

    private static EvaluationOutcome outcome(ModelSource source, List<EvaluationTask.Evaluated> parts, double seconds) {
        PartialEvaluation whole = PartialEvaluation.empty(source.model());
        for (EvaluationTask.Evaluated part : parts) {
            whole = whole.merge(part.evaluation());
        }
        List<String> backends = parts.stream()
                .map(EvaluationTask.Evaluated::backend)
                .distinct()
                .sorted()
                .toList();
        return new EvaluationOutcome(whole.result(), backends, seconds);
    }

    /** Waits for the tasks, and looks now and then how many are done and whether to stop. */
    private Optional<List<EvaluationTask.Evaluated>> collect(
            JavaRDD<EvaluationTask.Evaluated> evaluated,
            ModelSource source,
            LongConsumer progress,
            BooleanSupplier stopped) {
        JavaFutureAction<List<EvaluationTask.Evaluated>> job = evaluated.collectAsync();
        long blocks = blocks();
        try {
            while (true) {
                try {
                    List<EvaluationTask.Evaluated> parts = job.get(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS);
                    progress.accept(blocks);
                    return Optional.of(parts);
                } catch (TimeoutException notYet) {
                    if (stopped.getAsBoolean()) {
                        job.cancel(true);
                        return Optional.empty();
                    }
                    progress.accept(blocks * doneTasks(job) / evaluated.getNumPartitions());
                }
            }
        } catch (InterruptedException interrupted) {
            job.cancel(true);
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException | CancellationException failure) {
            throw new EvaluationException(
                    "the evaluation of " + source.inWords() + " failed: " + rootCause(failure), failure);
        }
    }

    private long doneTasks(JavaFutureAction<?> job) {
        long done = 0;
        for (int id : job.jobIds()) {
            var info = spark.statusTracker().getJobInfo(id);
            for (int stage : info == null ? new int[0] : info.stageIds()) {
                SparkStageInfo stageInfo = spark.statusTracker().getStageInfo(stage);
                done += stageInfo == null ? 0 : stageInfo.numCompletedTasks();
            }
        }
        return done;
    }

    private List<EvaluationTask.Batch> batches() {
        List<Long> numbers = sample();
        if (numbers.isEmpty()) {
            throw new EvaluationException(
                    "the dataset " + dataset.folder() + " has no held-out blocks to evaluate on; prepare it with a"
                            + " larger held-out share",
                    null);
        }
        List<EvaluationTask.Batch> batches = new ArrayList<>();
        for (int from = 0; from < numbers.size(); from += config.sequences()) {
            int to = Math.min(numbers.size(), from + config.sequences());
            batches.add(new EvaluationTask.Batch(new ArrayList<>(numbers.subList(from, to))));
        }
        return batches;
    }

    private List<Long> sample() {
        return HeldOutSample.choose(dataset.heldOutRanges(), config.blocks());
    }

    private void requireSameVocabulary(ModelSource source) {
        if (source.model().vocabulary() < dataset.vocabulary()) {
            throw new EvaluationException(
                    source.inWords() + " knows " + source.model().vocabulary() + " tokens, but the dataset "
                            + dataset.folder() + " has " + dataset.vocabulary()
                            + "; evaluate it on a dataset of its own tokenizer",
                    null);
        }
    }

    private static String rootCause(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }
}
