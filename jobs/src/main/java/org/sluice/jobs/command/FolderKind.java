package org.sluice.jobs.command;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sluice.jobs.InputException;

/** What a folder that the user names is. */
enum FolderKind {
    RUN("a run"),
    CHECKPOINT("a checkpoint"),
    FOREIGN_MODEL(
            "a model in the format of others, or a checkpoint that was never finished (jobs/sluice import FOLDER --to"
                    + " CHECKPOINT makes a checkpoint of a model)"),
    DATASET("a dataset");

    private final String words;

    FolderKind(String words) {
        this.words = words;
    }

    /** What to say where a run or a checkpoint is needed and something else was given. */
    InputException instead(String folder) {
        return new InputException(folder + " is " + words + "; expected a run or a checkpoint");
    }

    /**
     * Tells by the files in it.
     *
     * @throws InputException if there is no such folder, or it is none of them
     */
    static FolderKind of(Configuration hadoop, String folder) throws IOException {
        Path path = new Path(folder);
        FileSystem fileSystem = path.getFileSystem(hadoop);
        if (!fileSystem.exists(path)) {
            throw new InputException("there is no folder "
                    + fileSystem.makeQualified(path).toUri().getPath());
        }
        if (fileSystem.exists(new Path(path, "job.yaml")) || fileSystem.exists(new Path(path, "metrics.jsonl"))) {
            return RUN;
        }
        boolean manifest = fileSystem.exists(new Path(path, "manifest.json"));
        if (fileSystem.exists(new Path(path, "config.json"))) {
            return manifest || fileSystem.exists(new Path(path, "_COMPLETE")) ? CHECKPOINT : FOREIGN_MODEL;
        }
        if (fileSystem.exists(new Path(path, "tokenizer.json"))) {
            return DATASET;
        }
        if (manifest) {
            return CHECKPOINT;
        }
        throw new InputException(
                folder + " is neither a run (it has no job.yaml), nor a checkpoint (no config.json), nor a"
                        + " dataset (no tokenizer.json)");
    }
}
