package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that the kernel says is full. Left out where this user may not mount one. */
@Timeout(60)
class TinyFileSystemTest {
    @TempDir
    Path temporary;

    private Path disk;
    private boolean mounted;

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        disk = Files.createDirectories(temporary.resolve("disk"));
        mounted = succeeds("mount", "-t", "tmpfs", "-o", "size=32k", "sluice-test", disk.toString());
        assumeTrue(mounted, "mounting a tmpfs needs root and the right to mount");
    }

    @AfterEach
    void unmount() throws IOException, InterruptedException {
        if (mounted) {
            assertThat(succeeds("umount", disk.toString())).isTrue();
        }
    }

    private static boolean succeeds(String... command) throws IOException, InterruptedException {
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

    @Test
    void trainingOutlivesAFullDisk() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(8), TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 1));
        RunFolder undisturbed = TrainingFixture.folder(temporary.resolve("undisturbed"));
        RunFolder tiny = TrainingFixture.folder(disk.resolve("run"));
        CheckpointWatcher watcher = new CheckpointWatcher(tiny) {
            @Override
            public void checkpointFailed(CheckpointFailure failure) {
                super.checkpointFailed(failure);
                if (failure.failures() == 2) {
                    grow();
                }
            }
        };
        try (JavaSparkContext context = SparkSessions.local(2)) {
            TrainingFixture.train(context, undisturbed, plan, SyntheticBlocks.of(37));
            new Trainer(context, tiny, plan, SyntheticBlocks.of(37), watcher).train(false);
        }
        assertThat(watcher.failures).hasSize(2).allSatisfy(failure -> assertThat(failure.cause())
                .contains("No space left on device"));
        assertThat(watcher.hashes.keySet()).containsExactly(3L, 4L);
        assertThat(TrainingFixture.hashes(tiny)).isEqualTo(TrainingFixture.hashes(undisturbed));
    }

    private void grow() {
        try {
            assertThat(succeeds("mount", "-o", "remount,size=1m", disk.toString()))
                    .isTrue();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
