package org.sluice.cluster;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sluice.cluster.control.Milestone;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.CheckpointFiles;
import org.sluice.model.checkpoint.CheckpointWriter;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.model.checkpoint.ModelFile;
import org.sluice.model.checkpoint.SafetensorsIndex;

/** The checkpoints of one variant: {@code round-00000012} and so on, of which the newest few are kept. */
final class CheckpointStore {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final Pattern FOLDER = Pattern.compile("round-(\\d{1,18})");

    private final RunFolder folder;
    private final TrainingPlan plan;
    private final BlockSource blocks;
    private final Path parent;

    /**
     * A checkpoint that training may go on from.
     *
     * @param folder null for the start of training
     * @param workers those whose optimizer's state it holds
     * @param bytes of its files but the description of the model
     */
    record StartPoint(String folder, Milestone milestone, int coresPerWorker, Set<Integer> workers, long bytes) {
        static final StartPoint BEGINNING = new StartPoint(null, Milestone.START, 0, Set.of(), 0);
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
                CheckpointPayload.milestone(checkpoint.payload()),
                CheckpointPayload.coresPerWorker(checkpoint.payload()),
                checkpoint.files().stream()
                        .flatMap(file -> WorkerStateFile.worker(file.name()).stream())
                        .collect(Collectors.toSet()),
                checkpoint.files().stream()
                        .filter(file -> !file.name().equals(CheckpointFiles.CONFIG))
                        .mapToLong(FileRecord::length)
                        .sum());
    }

    /**
     * Makes the folder of a checkpoint that is about to be written. What is there is unfinished, or was refused when training went back to an earlier
     * one.
     */
    Path prepare(Milestone milestone) throws IOException {
        Path target = new Path(parent, String.format("round-%08d", milestone.round()));
        folder.fileSystem().delete(target, true);
        return new CheckpointWriter(folder.hadoop(), target).folder();
    }

    /**
     * What each worker writes of a checkpoint.
     *
     * @param keepers those whose state is to be kept
     */
    List<CheckpointShare> shares(List<Integer> workers, Set<Integer> keepers) {
        List<CheckpointPart> parts = new ArrayList<>();
        for (int file = 0; file < modelFiles().size(); file++) {
            parts.add(new CheckpointPart.Model(file));
        }
        if (ExchangeRules.of(plan).ownersKeepMore()) {
            parts.add(new CheckpointPart.Outer());
        }
        if (VersionFiles.hasInner(plan)) {
            parts.add(new CheckpointPart.Inner());
        }
        return CheckpointShare.deal(parts, workers, keepers);
    }

    private List<ModelFile> modelFiles() {
        return VersionFiles.modelFiles(ParameterLayout.of(plan.model()));
    }

    /**
     * Finishes a checkpoint: from then on it is one that training may go on from.
     *
     * @param written all files of the workers
     * @return all files that it consists of
     */
    List<FileRecord> commit(Path target, List<FileRecord> written, Milestone milestone, int coresPerWorker)
            throws IOException {
        List<FileRecord> files = new ArrayList<>(written);
        List<ModelFile> modelFiles = modelFiles();
        if (modelFiles.size() > 1) {
            files.add(CheckpointWriter.writeFile(
                    folder.hadoop(),
                    target,
                    SafetensorsIndex.NAME,
                    stream -> stream.write(ModelFile.index(modelFiles))));
        }
        files.sort(Comparator.comparing(FileRecord::name));
        new CheckpointWriter(folder.hadoop(), target)
                .commit(files, plan.model(), CheckpointPayload.of(plan, blocks, milestone, coresPerWorker));
        return files;
    }

    /** Gives back the space of a checkpoint that could not be written. That may fail too; it is tried again when one is finished. */
    void discard(Path unfinished) {
        try {
            folder.fileSystem().delete(unfinished, true);
        } catch (IOException failure) {
            LOG.warn("The unfinished checkpoint {} could not be deleted", unfinished, failure);
        }
    }

    /**
     * Deletes what a new checkpoint makes superfluous: finished ones but the newest to keep, and folders that were never finished.
     *
     * <p>Only what is older is looked at. One that is being written is not, as it is newer; nor is one that was refused when training went back
     * behind it: it counts for nothing, and is written anew when training is there again. Where training started from may be deleted
     * too: once a later checkpoint is finished, all workers have a state of their own.
     *
     * @param finished the new one's, which is kept
     */
    void deleteOld(Milestone finished) {
        try {
            Set<Path> kept = new HashSet<>();
            Checkpoint.newestFirst(folder.hadoop(), parent).stream()
                    .filter(path -> number(path) <= finished.round())
                    .limit(plan.cluster().keepCheckpoints())
                    .forEach(kept::add);
            for (FileStatus status : folder.fileSystem().listStatus(parent)) {
                long round = number(status.getPath());
                boolean older = status.isDirectory() && round >= 0 && round < finished.round();
                if (older && !kept.contains(status.getPath())) {
                    folder.fileSystem().delete(status.getPath(), true);
                }
            }
        } catch (IOException failure) {
            LOG.warn(
                    "Old checkpoints in {} could not be deleted; it will be tried again after the next one",
                    parent,
                    failure);
        }
    }

    /** The round that a checkpoint's folder is of; -1 if it is none. */
    private static long number(Path path) {
        Matcher matcher = FOLDER.matcher(path.getName());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }
}
