package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sluice.model.checkpoint.Checkpoint;

/** A run in an object store, where nothing can be renamed or appended to. */
@Timeout(120)
class ObjectStoreTrainingTest {
    private static final SyntheticBlocks BLOCKS = SyntheticBlocks.of(37);

    @TempDir
    Path temporary;

    private Path objects;
    private RunFolder run;

    @BeforeEach
    void folder() throws IOException {
        objects = temporary.resolve("objects");
        run = new RunFolder(ObjectStore.in(objects), "objects://bucket/runs/one");
    }

    @Test
    void trainingStopsGoesOnAndKeepsTheNewestWithTheBitsOfALocalDisk() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(10), TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 1));
        try (JavaSparkContext context = SparkSessions.local(2)) {
            RunFolder local = TrainingFixture.folder(temporary.resolve("local"));
            TrainingFixture.train(context, local, plan, BLOCKS);
            try (RunLease lease = run.take(waiting -> {})) {
                TrainingFixture.trainUntil(context, run, plan, BLOCKS, 3);
                Path model =
                        ObjectStore.fileOf(objects, "runs/one/baseline/checkpoints/round-00000003/model.safetensors");
                byte[] bytes = Files.readAllBytes(model);
                bytes[bytes.length - 9] ^= 4;
                Files.write(model, bytes);
                CheckpointWatcher watcher = new CheckpointWatcher(run);
                new Trainer(context, run, plan, BLOCKS, watcher).train(true);
                lease.requireHeld();
                assertThat(watcher.refused).singleElement().asString().contains("round-00000003/model.safetensors");
                assertThat(watcher.startedFrom).containsExactly(2L);
            }
            assertThat(TrainingFixture.hashes(run)).isEqualTo(TrainingFixture.hashes(local));
            assertThat(TrainingFixture.events(run)).isEqualTo(TrainingFixture.events(local));
        }
        assertThat(run.variants()).containsExactly("baseline");
        assertThat(run.fileSystem().listStatus(run.checkpoints("baseline")))
                .extracting(FileStatus::getPath)
                .extracting(org.apache.hadoop.fs.Path::getName)
                .containsExactly("round-00000004", "round-00000005");
        assertThat(run.fileSystem().listStatus(run.root()))
                .as("no file was left beside the one that it was to replace")
                .extracting(status -> status.getPath().getName())
                .containsExactly("baseline", "metrics.jsonl");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.safetensors",
                "outer.safetensors",
                "worker-00001.safetensors",
                "config.json",
                "manifest.json",
                "_COMPLETE"
            })
    void anObjectThatIsRefusedOnceCostsOneCheckpoint(String name) throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(4), TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 1));
        RunFolder unlucky = new RunFolder(ObjectStore.refusingOnce(name, objects), "objects://bucket/runs/one");
        CheckpointWatcher watcher = new CheckpointWatcher(unlucky);
        try (JavaSparkContext context = SparkSessions.local(2)) {
            RunFolder local = TrainingFixture.folder(temporary.resolve("local"));
            TrainingFixture.train(context, local, plan, BLOCKS);
            new Trainer(context, unlucky, plan, BLOCKS, watcher).train(false);
            assertThat(TrainingFixture.hashes(unlucky)).isEqualTo(TrainingFixture.hashes(local));
        }
        assertThat(watcher.failures).singleElement().satisfies(failure -> {
            assertThat(failure.round()).isEqualTo(1);
            assertThat(failure.cause()).contains("503 Slow Down").contains(name);
        });
        assertThat(run.fileSystem().listStatus(run.checkpoints("baseline")))
                .as("nothing is left of the checkpoint that failed")
                .extracting(status -> status.getPath().getName())
                .containsExactly("round-00000002");
    }

    @Test
    void anUnfinishedCheckpointIsNone() throws IOException {
        Files.createDirectories(objects);
        Files.writeString(
                ObjectStore.fileOf(objects, "runs/one/baseline/checkpoints/round-00000007/model.safetensors"), "x");
        assertThat(Checkpoint.newestFirst(run.hadoop(), run.checkpoints("baseline")))
                .isEmpty();
    }

    @Test
    void aFileIsReplacedByWritingOverIt() throws IOException {
        org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(run.root(), "small");
        FileReplacement.replace(run.fileSystem(), file, new byte[] {1});
        FileReplacement.replace(run.fileSystem(), file, new byte[] {2, 3});
        assertThat(Files.readAllBytes(ObjectStore.fileOf(objects, "runs/one/small")))
                .containsExactly(2, 3);
        assertThat(run.fileSystem().listStatus(run.root())).hasSize(1);
    }

    @Test
    void aRunIsHeldByOne() throws IOException {
        List<String> waiting = new ArrayList<>();
        try (RunLease held = run.take(waiting::add)) {
            assertThatThrownBy(() -> run.take(waiting::add))
                    .isInstanceOf(RunInUseException.class)
                    .hasMessageContaining("is in use by process");
            held.requireHeld();
        }
        assertThat(run.exists()).isFalse();
        run.take(waiting::add).close();
        assertThat(waiting).isEmpty();
    }

    @Test
    void ofManyAtOnceOneGetsTheRun() throws Exception {
        RunLease.Timing timing = new RunLease.Timing(Duration.ofMillis(50), Duration.ofSeconds(60));
        int many = 8;
        CyclicBarrier start = new CyclicBarrier(many);
        ExecutorService threads = Executors.newFixedThreadPool(many);
        try {
            Callable<Optional<RunLease>> taking = () -> {
                start.await();
                try {
                    return Optional.of(RunLease.take(run, waiting -> {}, timing, LeaseHolder.thisProcess()));
                } catch (RunInUseException taken) {
                    return Optional.empty();
                }
            };
            List<Future<Optional<RunLease>>> attempts = new ArrayList<>();
            for (int index = 0; index < many; index++) {
                attempts.add(threads.submit(taking));
            }
            List<RunLease> holders = new ArrayList<>();
            for (Future<Optional<RunLease>> attempt : attempts) {
                attempt.get().ifPresent(holders::add);
            }
            assertThat(holders).hasSize(1);
            holders.get(0).close();
        } finally {
            threads.shutdownNow();
        }
    }
}
