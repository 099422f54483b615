package org.sluice.jobs.command;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.sluice.jobs.InputException;

/** What a folder that the user names is. */
enum FolderKind {
    RUN,
    CHECKPOINT,
    DATASET;

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
        if (fileSystem.exists(new Path(path, "tokenizer.json"))) {
            return DATASET;
        }
        if (fileSystem.exists(new Path(path, "config.json")) || fileSystem.exists(new Path(path, "manifest.json"))) {
            return CHECKPOINT;
        }
        throw new InputException(
                folder + " is neither a run (it has no job.yaml), nor a checkpoint (no config.json), nor a"
                        + " dataset (no tokenizer.json)");
    }
}
