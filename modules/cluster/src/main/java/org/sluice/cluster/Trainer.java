package org.sluice.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sluice.cluster.control.RunShape;
import org.sluice.cluster.control.TrainingLoop;
import org.sluice.cluster.control.TrainingStoppedException;
import org.sluice.cluster.watch.RunWatch;
import scala.Tuple2;
import scala.collection.immutable.Seq;

/**
 * Trains one model on the executors of a Spark session, from the beginning or from its newest checkpoint.
 *
 * <p>A lost executor, a lost version or a torn worker sends all workers back to the newest checkpoint, and the metrics with them; what is
 * trained again gets the same bits. What would fail again in the same way (numbers that are not finite, a damaged dataset, a wrong
 * setting) ends the training at once.
 */
public final class Trainer {
    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    private final JavaSparkContext context;
    private final RunFolder folder;
    private final TrainingPlan plan;
    private final BlockSource blocks;
    private final TrainingListener listener;
    private final CheckpointStore store;
    private volatile boolean stopRequested;

    /**
     * Opens the dataset.
     *
     * @param context a session with the {@link RecommendedSettings}
     * @throws org.sluice.data.DatasetException if the dataset cannot be used
     * @throws IllegalArgumentException if model, dataset and plan do not fit together
     */
    public Trainer(JavaSparkContext context, RunFolder folder, TrainingPlan plan, TrainingListener listener) {
        this(context, folder, plan, DatasetBlocks.of(folder.hadoop(), plan.dataset()), listener);
    }

    Trainer(
            JavaSparkContext context,
            RunFolder folder,
            TrainingPlan plan,
            BlockSource blocks,
            TrainingListener listener) {
        this.context = context;
        this.folder = folder;
        this.plan = plan;
        this.blocks = blocks;
        this.listener = listener;
        this.store = new CheckpointStore(folder, plan, blocks);
        if (plan.model().vocabulary() < blocks.vocabulary()) {
            throw new IllegalArgumentException(
                    "the model's vocabulary (" + plan.model().vocabulary()
                            + ") is smaller than that of the dataset " + blocks.name() + " (" + blocks.vocabulary()
                            + "); set the model's vocabulary to at least that");
        }
        if (blocks.trainBlocks() < plan.cluster().blocksPerStep()) {
            throw new IllegalArgumentException("the dataset has " + blocks.trainBlocks()
                    + " training blocks, but one step takes " + plan.cluster().blocksPerStep()
                    + " (blocksPerStep); lower it, shorten the blocks, or add text");
        }
    }

    /** Asks to stop after the round that is under way, with a checkpoint. May be called from any thread, a signal handler's too. */
    public void requestStop() {
        stopRequested = true;
    }

    /**
     * Trains until all steps are done or a stop is requested.
     *
     * @param resume whether to go on from the newest checkpoint that verifies; with none at all, training begins
     * @throws RunExistsException if it is not to resume, and the run holds this variant already
     * @throws ResumeMismatchException if the checkpoint is of another training
     * @throws org.sluice.training.NumericsException if a loss or gradient is not finite
     * @throws TrainingFailedException if it fails again and again without getting further
     * @throws org.sluice.cluster.preflight.PreflightException if driver or executors are not what the training needs
     * @throws RunInUseException if the folder was taken, and another process has taken it since
     * @throws IllegalArgumentException if it starts from weights that do not fit the model
     * @throws IOException if the run's folder cannot be read or written, or the weights to start from cannot be read
     */
    public TrainingOutcome train(boolean resume) throws IOException {
        if (!resume) {
            requireFresh();
        }
        CheckpointStore.StartPoint start = resume ? store.newest(listener) : CheckpointStore.StartPoint.BEGINNING;
        if (start.folder() != null) {
            new CheckpointAftermath(folder, store)
                    .catchUp(
                            start,
                            plan,
                            Progress.of(start.milestone(), plan.cluster().blocksPerStep(), blocks.blockLength()),
                            plan.hasCheckpointAt(start.milestone()));
        }
        if (start.milestone().step(plan.cluster().blocksPerStep())
                >= plan.training().steps()) {
            return new TrainingOutcome(
                    TrainingOutcome.Status.COMPLETED,
                    Progress.of(start.milestone(), plan.cluster().blocksPerStep(), blocks.blockLength()),
                    start.folder(),
                    Double.NaN,
                    0,
                    start.coresPerWorker());
        }
        if (start.folder() == null && plan.startsFromWeights()) {
            StartWeights.requireFit(folder.hadoop(), plan.startFrom(), plan.model());
        }
        String run = plan.variant() + "-" + UUID.randomUUID();
        Optional<RunWatch> watched = RunWatch.of(context.sc());
        watched.ifPresent(running -> running.begin(run));
        Broadcast<SerializableConfiguration> hadoop = context.broadcast(new SerializableConfiguration(folder.hadoop()));
        try (ExecutorWatch watch = new ExecutorWatch(context);
                LocalityWait waiting = new LocalityWait(context)) {
            TrainingListener told = watched.<TrainingListener>map(
                            running -> TrainingListener.all(List.of(listener, new MetricsListener(running))))
                    .orElse(listener);
            return train(start, run, hadoop, watch, told);
        } finally {
            watched.ifPresent(RunWatch::end);
            if (!context.sc().isStopped()) {
                releaseWorkers(run);
                hadoop.destroy();
            }
        }
    }

    private void requireFresh() throws IOException {
        boolean hasMetrics = folder.metrics().read().stream()
                .map(JsonNode.class::cast)
                .anyMatch(event -> plan.variant().equals(event.path("variant").asText()));
        if (hasMetrics || !store.isEmpty()) {
            throw new RunExistsException("the run " + folder + " holds training of '" + plan.variant()
                    + "' already: resume it, take another run name, or overwrite it");
        }
    }

    private TrainingOutcome train(
            CheckpointStore.StartPoint start,
            String run,
            Broadcast<SerializableConfiguration> hadoop,
            ExecutorWatch watch,
            TrainingListener told)
            throws IOException {
        SparkFleet fleet = new SparkFleet(context, folder, plan, blocks, store, start, told, run, hadoop, watch);
        TrainingJournal journal = new TrainingJournal(folder, plan, fleet, blocks.blockLength(), told);
        RunShape shape = plan.cluster().shape(plan.training().steps());
        TrainingLoop<WorkerReport> loop = new TrainingLoop<>(
                shape, plan.cluster().rounds(), fleet, journal, start.milestone(), () -> stopRequested);
        try {
            loop.run();
        } catch (TrainingStoppedException stopped) {
            throw new TrainingFailedException("training of '" + plan.variant() + "' " + stopped.getMessage(), stopped);
        }
        boolean done = loop.milestone().ledger().counted() == shape.blocks();
        return new TrainingOutcome(
                done ? TrainingOutcome.Status.COMPLETED : TrainingOutcome.Status.STOPPED,
                journal.progress(loop.milestone()),
                fleet.checkpointFolder(),
                journal.finalLoss(),
                loop.recoveries(),
                fleet.cores());
    }

    /** Frees the memory that the workers hold in their executors; what comes next may need it. */
    private void releaseWorkers(String run) {
        try {
            List<Tuple2<Integer, Seq<String>>> executors = new ExecutorRoster(context, Set::of)
                    .placeOnePerExecutor().stream()
                            .map(place -> new Tuple2<>(place.worker(), ScalaInterop.seq(List.of(place.location()))))
                            .toList();
            context.setJobDescription(plan.variant() + ": end");
            context.sc()
                    .makeRDD(ScalaInterop.seq(executors), ScalaInterop.<Integer>classTag(Integer.class))
                    .toJavaRDD()
                    .foreachPartition(nothing -> WorkerRegistry.release(run));
            context.setJobDescription(null);
        } catch (Exception failure) {
            LOG.warn("The workers of {} could not all be released; they end with their executors", run, failure);
        }
    }
}
