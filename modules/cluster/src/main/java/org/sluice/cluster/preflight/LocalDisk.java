package org.sluice.cluster.preflight;

import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A folder to which an executor writes what it sends.
 *
 * @param disk what tells the disk from the host's others
 * @param free bytes
 * @param problem why nothing can be written there; empty if it can
 */
public record LocalDisk(String folder, String disk, long free, String problem) implements Serializable {

    /** The disks of some folders of this process. */
    static List<LocalDisk> of(File... folders) {
        return Arrays.stream(folders).map(folder -> of(folder.toPath())).toList();
    }

    private static LocalDisk of(Path folder) {
        try {
            Path file = Files.createTempFile(folder, "preflight-", ".tmp");
            Files.delete(file);
            return new LocalDisk(
                    folder.toString(),
                    Files.getFileStore(folder).toString(),
                    folder.toFile().getUsableSpace(),
                    "");
        } catch (IOException | RuntimeException failure) {
            return new LocalDisk(folder.toString(), folder.toString(), 0, failure.toString());
        }
    }
}
