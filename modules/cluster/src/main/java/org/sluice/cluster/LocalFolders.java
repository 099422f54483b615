package org.sluice.cluster;

import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskFailureListener;

/**
 * Has a task that fails as a disk is full tell which folders its executor writes to, and what is free there: the exception itself does not say, and
 * the driver cannot know, as the cluster manager decides it on each host.
 */
final class LocalFolders {
    private static final String WORDS = "the executor writes to ";

    private LocalFolders() {}

    /** To be called in the task, before it does anything. */
    static void tellIfFull(TaskContext context) {
        context.addTaskFailureListener((TaskFailureListener) (task, failure) -> {
            boolean full = new FailureChain(failure)
                    .trouble()
                    .filter(LocalFolders::isOfDisk)
                    .isPresent();
            if (full) {
                failure.addSuppressed(new IOException(WORDS + described()));
            }
        });
    }

    /** What a task told in this way. */
    static Optional<String> told(String stackTrace) {
        return stackTrace
                .lines()
                .filter(line -> line.strip().startsWith("Suppressed: ") && line.contains(WORDS))
                .map(line -> line.substring(line.indexOf(WORDS)))
                .findFirst();
    }

    static boolean isOfDisk(Diagnosis diagnosis) {
        return diagnosis.kind() == FailureKind.DISK_FULL;
    }

    private static String described() {
        return Arrays.stream(SparkEnv.get().blockManager().diskBlockManager().localDirs())
                .map(LocalFolders::described)
                .collect(Collectors.joining(", "));
    }

    private static String described(File folder) {
        return folder + " (" + folder.getUsableSpace() / 1024 + " KiB of " + folder.getTotalSpace() / 1024 + " free)";
    }
}
