package org.sluice.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sluice.model.ParameterLayout;
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
        new BlockSchedule(plan.cluster().blocksPerStep(), plan.cluster().workers(), blocks.trainBlocks());
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
     * @throws RunInUseException if the folder was taken, and another process has taken it since
     * @throws IllegalArgumentException if it starts from weights that do not fit the model
     * @throws IOException if the run's folder cannot be read or written, or the weights to start from cannot be read
     */
    public TrainingOutcome train(boolean resume) throws IOException {
        if (!resume) {
            requireFresh();
        }
        CheckpointStore.StartPoint start = resume ? store.newest(listener) : CheckpointStore.StartPoint.BEGINNING;
        if (start.progress().step() >= plan.training().steps()) {
            return new TrainingOutcome(
                    TrainingOutcome.Status.COMPLETED,
                    start.progress(),
                    start.folder(),
                    Double.NaN,
                    0,
                    start.coresPerWorker());
        }
        if (start.folder() == null && plan.startsFromWeights()) {
            StartWeights.requireFit(folder.hadoop(), plan.startFrom(), plan.model());
        }
        String run = plan.variant() + "-" + UUID.randomUUID();
        Broadcast<SerializableConfiguration> hadoop = context.broadcast(new SerializableConfiguration(folder.hadoop()));
        try (ExecutorWatch watch = new ExecutorWatch(context);
                LocalityWait waiting = new LocalityWait(context)) {
            return new Recovery(run, hadoop, watch).train(start);
        } finally {
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

    /** Goes from one generation of workers to the next, as long as training gets further. */
    private final class Recovery {
        private final String run;
        private final Broadcast<SerializableConfiguration> hadoop;
        private final ExecutorWatch watch;
        private final ExecutorRoster roster;
        private final SliceLayout layout = SliceLayout.of(
                ParameterLayout.of(plan.model()).elements(),
                plan.cluster().sliceElements(),
                plan.cluster().workers());
        private int cores;
        private int recoveries;
        private int failuresInARow;
        private long furthest;

        Recovery(String run, Broadcast<SerializableConfiguration> hadoop, ExecutorWatch watch) {
            this.run = run;
            this.hadoop = hadoop;
            this.watch = watch;
            this.roster = new ExecutorRoster(context, watch::lost);
        }

        TrainingOutcome train(CheckpointStore.StartPoint first) throws IOException {
            CheckpointStore.StartPoint start = first;
            furthest = first.progress().round();
            while (true) {
                folder.metrics().dropAfter(plan.variant(), start.progress().step());
                TrainingSession session = session(start);
                try {
                    session.train();
                    return outcome(session);
                } catch (Exception failure) {
                    start = goBack(session, failure);
                }
            }
        }

        private TrainingSession session(CheckpointStore.StartPoint start) {
            List<WorkerPlacement> placements = roster.place(plan.cluster().workers());
            if (cores == 0) {
                cores = coresPerWorker(start, placements);
            }
            WorkerSetup setup = new WorkerSetup(plan, layout, blocks, cores, hadoop);
            return new TrainingSession(
                    context,
                    folder,
                    store,
                    start,
                    setup,
                    placements,
                    watch,
                    run,
                    recoveries,
                    listener,
                    () -> stopRequested);
        }

        /** Decided once and kept in the checkpoints, as another number of cores may round differently. */
        private int coresPerWorker(CheckpointStore.StartPoint start, List<WorkerPlacement> placements) {
            if (plan.cluster().coresPerWorker() > 0) {
                return plan.cluster().coresPerWorker();
            }
            return start.coresPerWorker() > 0 ? start.coresPerWorker() : roster.coresPerWorker(placements);
        }

        private TrainingOutcome outcome(TrainingSession session) {
            boolean done = session.progress().step() == plan.training().steps();
            return new TrainingOutcome(
                    done ? TrainingOutcome.Status.COMPLETED : TrainingOutcome.Status.STOPPED,
                    session.progress(),
                    session.checkpointFolder(),
                    session.finalLoss(),
                    recoveries,
                    cores);
        }

        private CheckpointStore.StartPoint goBack(TrainingSession session, Exception thrown) throws IOException {
            ClusterFailure failure = new ClusterFailure(thrown);
            if (failure.certainAgain().isPresent() && failure.isOfAJob()) {
                throw failure.certainAgain().get();
            }
            if (!failure.isOfAJob() || context.sc().isStopped()) {
                throw rethrown(thrown);
            }
            if (session.progress().round() > furthest) {
                furthest = session.progress().round();
                failuresInARow = 0;
            }
            failuresInARow++;
            int allowed = plan.cluster().recoveries();
            if (failuresInARow > allowed) {
                throw new TrainingFailedException(
                        "training of '" + plan.variant() + "' failed " + failuresInARow + " times in a row in round "
                                + (session.progress().round() + 1) + ": " + failure.summary(),
                        thrown);
            }
            recoveries++;
            LOG.warn("Training of {} goes back to its newest checkpoint", plan.variant(), thrown);
            CheckpointStore.StartPoint back = store.newest(listener);
            listener.recovery(new TrainingListener.Recovery(
                    plan.variant(), failure.summary(), failuresInARow, allowed, back.progress()));
            return back;
        }

        private RuntimeException rethrown(Exception thrown) throws IOException {
            if (thrown instanceof IOException ofTheFolder) {
                throw ofTheFolder;
            }
            if (thrown instanceof RuntimeException unchecked) {
                return unchecked;
            }
            return new TrainingFailedException(
                    "training of '" + plan.variant() + "' was cut off: " + thrown.getMessage(), thrown);
        }
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
