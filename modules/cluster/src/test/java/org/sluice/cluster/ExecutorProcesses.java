package org.sluice.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The processes of executors that were started by this JVM's local cluster. */
final class ExecutorProcesses {
    private ExecutorProcesses() {}

    /** The process of an executor; nothing if it is gone. */
    static Optional<ProcessHandle> of(String executor) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> isOf(executor, process))
                .findFirst();
    }

    private static boolean isOf(String executor, ProcessHandle process) {
        List<String> command = command(process);
        int option = command.indexOf("--executor-id");
        return option >= 0 && command.get(option + 1).equals(executor);
    }

    /** Java's own account of a command line ends after a page, which a class path is longer than. */
    private static List<String> command(ProcessHandle process) {
        try {
            byte[] bytes = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/cmdline"));
            return Arrays.asList(new String(bytes, StandardCharsets.UTF_8).split("\0", -1));
        } catch (NoSuchFileException gone) {
            return List.of();
        } catch (IOException unreadable) {
            // A process that ends while it is looked at.
            return List.of();
        }
    }
}
