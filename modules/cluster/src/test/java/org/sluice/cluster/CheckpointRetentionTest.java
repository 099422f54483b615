package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which checkpoints, and what was to become one, are deleted. */
@Timeout(60)
class CheckpointRetentionTest {
    private static final SyntheticBlocks BLOCKS = SyntheticBlocks.of(37);

    private static JavaSparkContext context;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() {
        context = SparkSessions.local(2);
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    private static TrainingPlan plan(int checkpointRounds, int keep) {
        return TrainingFixture.plan(
                TrainingFixture.adamW(6),
                new ClusterChange(TrainingFixture.cluster(2, 1, OuterOptimizer.average(), checkpointRounds))
                        .checkpoints(checkpointRounds, keep)
                        .done());
    }

    private Path checkpoints() {
        return temporary.resolve("run/baseline/checkpoints");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> folders = Files.list(checkpoints())) {
            return folders.map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void whatADeadRunNeverFinishedIsDeletedOnceALaterOneIsFinished() throws IOException {
        for (String unfinished : List.of("round-00000001", "round-00000003", "round-00000099", "notes-1")) {
            Files.createDirectories(checkpoints().resolve(unfinished));
            Files.writeString(checkpoints().resolve(unfinished).resolve("model.safetensors"), "cut off");
        }
        RunFolder folder = TrainingFixture.folder(temporary.resolve("run"));
        TrainingFixture.train(context, folder, plan(2, 2), BLOCKS);
        assertThat(names())
                .as("what is newer may be another's; what is no checkpoint is none of ours")
                .containsExactly("notes-1", "round-00000004", "round-00000006", "round-00000099");
    }

    @Test
    void aRefusedCheckpointThatIsNewerCountsForNothing() throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("run"));
        TrainingFixture.trainUntil(context, folder, plan(2, 2), BLOCKS, 4);
        assertThat(names()).containsExactly("round-00000002", "round-00000004");
        Path model = checkpoints().resolve("round-00000004/model.safetensors");
        byte[] bytes = Files.readAllBytes(model);
        bytes[bytes.length / 2] ^= 1;
        Files.write(model, bytes);
        CheckpointWatcher watcher = new CheckpointWatcher(folder) {
            @Override
            public void round(Round round) {
                super.round(round);
                if (round.round() == 5) {
                    told.addAll(readNames());
                }
            }
        };
        new Trainer(context, folder, plan(1, 1), BLOCKS, watcher).train(true);
        assertThat(watcher.refused).singleElement().asString().contains("round-00000004");
        assertThat(watcher.startedFrom).containsExactly(2L);
        assertThat(watcher.hashes.keySet()).containsExactly(3L, 4L, 5L, 6L);
        assertThat(watcher.told)
                .as("those there after round 5: where training started from is gone, the newest is not")
                .contains("round-00000004")
                .doesNotContain("round-00000002");
        assertThat(names()).containsExactly("round-00000006");
    }

    private List<String> readNames() {
        try {
            return names();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
