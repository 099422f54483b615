package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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

    private MountedDisk disk;

    @BeforeEach
    void mount() throws IOException, InterruptedException {
        disk = new MountedDisk(temporary.resolve("disk"), 32 << 10);
    }

    @AfterEach
    void unmount() throws InterruptedException {
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    void trainingOutlivesAFullDisk() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(8), TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 1));
        RunFolder undisturbed = TrainingFixture.folder(temporary.resolve("undisturbed"));
        RunFolder tiny = TrainingFixture.folder(disk.folder().resolve("run"));
        CheckpointWatcher watcher = new CheckpointWatcher(tiny) {
            @Override
            public void checkpointFailed(CheckpointFailure failure) {
                super.checkpointFailed(failure);
                if (failure.failures() == 2) {
                    disk.resize(1 << 20);
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
}
