package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A disk of its own, in memory, which the kernel says is full. */
final class MountedDisk implements AutoCloseable {
    private final Path folder;

    /** Skips the test where this user may not mount one. */
    MountedDisk(Path folder, long bytes) throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder);
        assumeTrue(
                succeeds("mount", "-t", "tmpfs", "-o", "size=" + bytes, "sluice-test", folder.toString()),
                "mounting a tmpfs needs root and the right to mount");
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }

    Path folder() {
        return folder;
    }

    /** The bytes that are taken. */
    long used() {
        File disk = folder.toFile();
        return disk.getTotalSpace() - disk.getUsableSpace();
    }

    /** Makes it larger or smaller. */
    void resize(long bytes) {
        try {
            assertThat(succeeds("mount", "-o", "remount,size=" + bytes, folder.toString()))
                    .as("the disk is resized to %d bytes", bytes)
                    .isTrue();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    /** Also while a process that is ending still has a file open. */
    @Override
    public void close() throws InterruptedException {
        assertThat(succeeds("umount", "--lazy", folder.toString())).isTrue();
    }
}
