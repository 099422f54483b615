package org.sluice.data;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The folder that a preparation writes: what may be in it before, and the order in which its marks are written. */
final class OutputFolder {
    private static final List<String> OURS = List.of(
            DatasetFiles.SUCCESS,
            DatasetFiles.STARTED,
            DatasetFiles.MANIFEST,
            DatasetFiles.TOKENIZER,
            DatasetFiles.TRAIN,
            DatasetFiles.HELD_OUT);

    private final Path folder;
    private final FileSystem fileSystem;

    OutputFolder(String folder, Configuration hadoop) {
        if (folder == null || folder.isBlank()) {
            throw new IllegalArgumentException("the dataset has no output folder; name one");
        }
        Path path = new Path(folder);
        this.fileSystem = DatasetFiles.fileSystem(path, hadoop);
        // Executors may have another default file system or working folder.
        this.folder = fileSystem.makeQualified(path);
    }

    String path() {
        return folder.toString();
    }

    /** Whether a complete dataset is there. */
    boolean isComplete() {
        return exists(DatasetFiles.SUCCESS);
    }

    /**
     * Empties the folder for a new preparation: of a dataset, complete or interrupted, and of nothing else.
     *
     * @throws DatasetException if the folder holds anything that is not a dataset's
     */
    void startAfresh() {
        try {
            if (fileSystem.exists(folder)) {
                requireOurs(fileSystem.listStatus(folder));
                // In this order, an interruption never leaves a folder that looks complete.
                for (String name : OURS) {
                    if (!name.equals(DatasetFiles.STARTED)) {
                        fileSystem.delete(new Path(folder, name), true);
                    }
                }
            }
            fileSystem.mkdirs(folder);
        } catch (IOException e) {
            throw new DatasetException("the folder " + folder + " cannot be prepared: " + e.getMessage(), e);
        }
        write(DatasetFiles.STARTED, new byte[0]);
    }

    private void requireOurs(FileStatus[] files) {
        List<String> names = Arrays.stream(files)
                .map(file -> file.getPath().getName())
                .sorted()
                .toList();
        boolean dataset = names.contains(DatasetFiles.STARTED) || names.contains(DatasetFiles.SUCCESS);
        List<String> foreign =
                names.stream().filter(name -> !dataset || !OURS.contains(name)).toList();
        if (!foreign.isEmpty()) {
            throw new DatasetException("the output folder " + folder + " holds files that are not a dataset's ("
                    + String.join(", ", foreign.subList(0, Math.min(5, foreign.size())))
                    + "); name another folder or empty this one");
        }
    }

    void write(String name, byte[] bytes) {
        DatasetFiles.write(fileSystem, new Path(folder, name), bytes);
    }

    /** Marks the folder complete. */
    void complete() {
        write(DatasetFiles.SUCCESS, new byte[0]);
    }

    private boolean exists(String name) {
        try {
            return fileSystem.exists(new Path(folder, name));
        } catch (IOException e) {
            throw new DatasetException("the folder " + folder + " cannot be reached: " + e.getMessage(), e);
        }
    }
}
