package org.sluice.jobs.command;

import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.sluice.cluster.RunFolder;
import org.sluice.jobs.InputException;
import org.sluice.jobs.console.Console;
import org.sluice.model.checkpoint.Checkpoint;

/** Finds the checkpoint and the run that a user means: by a run's folder and a variant, or by the checkpoint's folder. */
final class CheckpointPlace {
    private final Configuration hadoop;
    private final Console console;

    CheckpointPlace(Configuration hadoop, Console console) {
        this.hadoop = hadoop;
        this.console = console;
    }

    /**
     * The checkpoint, verified. Of a run that has one variant only, the variant need not be said.
     *
     * @throws InputException if there is none that is whole, or the folder is neither a run nor a checkpoint
     */
    Checkpoint checkpoint(String folder, Optional<String> variant) throws IOException {
        FolderKind kind = FolderKind.of(hadoop, folder);
        switch (kind) {
            case CHECKPOINT -> {
                if (variant.isPresent()) {
                    throw new InputException(folder + " is a checkpoint; --variant goes with a run's folder");
                }
                return Checkpoint.open(hadoop, new Path(folder));
            }
            case RUN -> {
                RunFolder run = new RunFolder(hadoop, folder);
                return newest(run, variant.isPresent() ? variant.get() : onlyVariant(run));
            }
            default -> throw kind.instead(folder);
        }
    }

    private static String onlyVariant(RunFolder run) throws IOException {
        if (run.variants().isEmpty()) {
            throw new InputException("the run " + run + " has no checkpoint yet");
        }
        if (run.variants().size() > 1) {
            throw new InputException("the run " + run + " has several variants; say which with --variant: "
                    + String.join(", ", run.variants()));
        }
        return run.variants().get(0);
    }

    /**
     * The newest checkpoint of a variant that is whole.
     *
     * @throws InputException if there is no such variant, or no such checkpoint
     */
    Checkpoint newest(RunFolder run, String variant) throws IOException {
        if (!run.variants().contains(variant)) {
            throw new InputException("the run " + run + " has no variant '" + variant + "'; it has "
                    + (run.variants().isEmpty() ? "none" : String.join(", ", run.variants())));
        }
        return Checkpoint.newest(hadoop, run.checkpoints(variant), console::message)
                .orElseThrow(() -> new InputException(
                        "the variant '" + variant + "' of " + run + " has no checkpoint that is whole"));
    }

    /**
     * The run's folder that a checkpoint is in, {@code RUN/VARIANT/checkpoints/round-00000012}.
     *
     * @throws InputException if the checkpoint is not in a run
     */
    RunFolder runOf(Path checkpoint) throws IOException {
        Path qualified = checkpoint.getFileSystem(hadoop).makeQualified(checkpoint);
        Path run = qualified;
        for (int level = 0; level < 3 && run != null; level++) {
            run = run.getParent();
        }
        if (run == null || FolderKind.of(hadoop, run.toString()) != FolderKind.RUN) {
            throw new InputException("the checkpoint " + checkpoint + " is not in a run's folder");
        }
        return new RunFolder(hadoop, run.toString());
    }
}
