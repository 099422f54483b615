package org.sluice.cluster;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What executors of one application wrote, where the driver can read it: a worker of Spark's standalone cluster on the same machine, or
 * with its folder on a shared disk, keeps an executor's output and crash reports in {@code work/application/executor}.
 */
final class ExecutorLogs {
    private static final int HEAD_BYTES = 16 << 10;
    private static final int END_BYTES = 64 << 10;

    private final List<Path> workFolders;
    private final String application;

    ExecutorLogs(List<Path> workFolders, String application) {
        this.workFolders = List.copyOf(workFolders);
        this.application = application;
    }

    /** Where standalone workers that were started with this environment keep their executors' folders. */
    static ExecutorLogs of(String application, Map<String, String> environment) {
        List<Path> folders = new ArrayList<>();
        Optional.ofNullable(environment.get("SPARK_WORKER_DIR")).map(Path::of).ifPresent(folders::add);
        folders.add(Path.of(environment.getOrDefault("SPARK_HOME", "."), "work"));
        return new ExecutorLogs(folders, application);
    }

    /** The executor's folder; empty if it cannot be reached from here. */
    Optional<Path> folder(String executor) {
        return workFolders.stream()
                .map(folder -> folder.resolve(application).resolve(executor).toAbsolutePath())
                .filter(Files::isDirectory)
                .findFirst();
    }

    /** The newest crash report of the executor's JVM. */
    Optional<Path> crashReport(String executor) {
        return folder(executor).flatMap(folder -> {
            try (DirectoryStream<Path> reports = Files.newDirectoryStream(folder, "hs_err_pid*.log")) {
                List<Path> found = new ArrayList<>();
                reports.forEach(found::add);
                return found.stream()
                        .max(Comparator.comparing(path -> path.toFile().lastModified()));
            } catch (IOException unreadable) {
                return Optional.empty();
            }
        });
    }

    /** The first lines of a file; none if it cannot be read. */
    List<String> head(Path file) {
        return lines(file, false);
    }

    /** The last lines of the executor's {@code stdout} or {@code stderr}; none if they cannot be reached. */
    List<String> end(String executor, String output) {
        return folder(executor)
                .map(folder -> lines(folder.resolve(output), true))
                .orElse(List.of());
    }

    private static List<String> lines(Path path, boolean end) {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            byte[] bytes = new byte[(int) Math.min(file.length(), end ? END_BYTES : HEAD_BYTES)];
            file.seek(end ? file.length() - bytes.length : 0);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException unreadable) {
            return List.of();
        }
    }
}
