package org.sluice.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.CheckpointWriter;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.model.checkpoint.ModelFile;
import org.sluice.model.checkpoint.SafetensorsIndex;

/** The checkpoints of one variant: {@code round-00000012} and so on, of which the newest few are kept. */
final class CheckpointStore {
    private final RunFolder folder;
    private final TrainingPlan plan;
    private final BlockSource blocks;
    private final Path parent;

    /** A checkpoint that training may go on from; the folder is null for the start of training. */
    record StartPoint(String folder, Progress progress, int coresPerWorker) {
        static final StartPoint BEGINNING = new StartPoint(null, Progress.START, 0);
    }

    CheckpointStore(RunFolder folder, TrainingPlan plan, BlockSource blocks) {
        this.folder = folder;
        this.plan = plan;
        this.blocks = blocks;
        this.parent = folder.checkpoints(plan.variant());
    }

    /** Whether the variant has any finished checkpoint, damaged or not. */
    boolean isEmpty() throws IOException {
        return Checkpoint.newestFirst(folder.hadoop(), parent).isEmpty();
    }

    /**
     * The newest checkpoint that verifies, or the beginning if there is none at all.
     *
     * @throws TrainingFailedException if there are checkpoints, but none that verifies
     * @throws ResumeMismatchException if it is of another training
     */
    StartPoint newest(TrainingListener listener) throws IOException {
        List<String> refused = new ArrayList<>();
        Optional<Checkpoint> found = Checkpoint.newest(folder.hadoop(), parent, message -> {
            refused.add(message);
            listener.checkpointRefused(message);
        });
        if (found.isEmpty()) {
            if (!refused.isEmpty()) {
                throw new TrainingFailedException(
                        "no checkpoint in " + parent + " can be used: " + String.join("; ", refused)
                                + ". Restore one, or train again under another run name",
                        null);
            }
            return StartPoint.BEGINNING;
        }
        Checkpoint checkpoint = found.get();
        CheckpointPayload.requireSame(
                checkpoint.folder().toString(), checkpoint.payload(), checkpoint.model(), plan, blocks);
        return new StartPoint(
                checkpoint.folder().toString(),
                CheckpointPayload.progress(checkpoint.payload()),
                CheckpointPayload.coresPerWorker(checkpoint.payload()));
    }

    /**
     * Writes the current version, and what each worker keeps beside it, and deletes the oldest checkpoints beyond those to keep.
     *
     * @param order its version is the current one
     */
    TrainingListener.Checkpoint write(
            JavaSparkContext context,
            GlobalVersion version,
            WorkerSetup setup,
            RoundOrder order,
            List<WorkerPlacement> placements,
            Progress progress)
            throws IOException {
        long start = System.nanoTime();
        Path target = new Path(parent, String.format("round-%08d", progress.round()));
        // What is there is unfinished, or was refused when training went back to an earlier one.
        folder.fileSystem().delete(target, true);
        CheckpointWriter writer = new CheckpointWriter(folder.hadoop(), target);
        List<ModelFile> modelFiles = CheckpointRdd.modelFiles(ParameterLayout.of(plan.model()));
        List<CheckpointPart> parts = parts(modelFiles.size(), placements);
        List<FileRecord> files =
                new ArrayList<>(new CheckpointRdd(context.sc(), version.state(), parts, setup, order, target)
                        .toJavaRDD()
                        .collect());
        if (modelFiles.size() > 1) {
            files.add(CheckpointWriter.writeFile(
                    folder.hadoop(),
                    target,
                    SafetensorsIndex.NAME,
                    stream -> stream.write(ModelFile.index(modelFiles))));
        }
        files.sort(Comparator.comparing(FileRecord::name));
        writer.commit(files, plan.model(), CheckpointPayload.of(plan, blocks, progress, setup.cores()));
        deleteOldest();
        return new TrainingListener.Checkpoint(
                plan.variant(),
                progress.round(),
                progress.step(),
                target.toString(),
                (System.nanoTime() - start) * 1e-9,
                files.stream().mapToLong(FileRecord::length).sum());
    }

    private List<CheckpointPart> parts(int modelFiles, List<WorkerPlacement> placements) {
        List<CheckpointPart> parts = new ArrayList<>();
        for (int file = 0; file < modelFiles; file++) {
            parts.add(new CheckpointPart.Model(file));
        }
        if (ExchangeRules.of(plan).needsVersionBefore()) {
            parts.add(new CheckpointPart.Outer());
        }
        placements.forEach(placement -> parts.add(new CheckpointPart.WorkerState(placement)));
        return parts;
    }

    private void deleteOldest() throws IOException {
        List<Path> finished = Checkpoint.newestFirst(folder.hadoop(), parent);
        for (Path old :
                finished.subList(Math.min(plan.cluster().keepCheckpoints(), finished.size()), finished.size())) {
            folder.fileSystem().delete(old, true);
        }
    }
}
