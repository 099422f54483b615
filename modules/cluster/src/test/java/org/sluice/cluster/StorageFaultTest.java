package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of file of a run, cut short or with a bit flipped: what is trained after it has the bits of an undisturbed training. */
@Timeout(60)
class StorageFaultTest {
    private static final SyntheticBlocks BLOCKS = SyntheticBlocks.of(37);
    private static final TrainingPlan PLAN =
            TrainingFixture.plan(TrainingFixture.adamW(8), TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 1));
    private static final RunLease.Timing IMPATIENT = new RunLease.Timing(Duration.ofMillis(50), Duration.ofMillis(200));

    @TempDir
    static Path shared;

    private static JavaSparkContext context;
    private static RunFolder undisturbed;

    @TempDir
    Path temporary;

    private RunFolder run;

    @BeforeAll
    static void train() throws IOException {
        context = SparkSessions.local(2);
        undisturbed = TrainingFixture.folder(shared.resolve("undisturbed"));
        TrainingFixture.train(context, undisturbed, PLAN, BLOCKS);
        // Has the checkpoints of the rounds 2 and 3, of 4.
        TrainingFixture.trainUntil(context, TrainingFixture.folder(shared.resolve("stopped")), PLAN, BLOCKS, 3);
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    private Path stoppedRun() throws IOException {
        Path copy = temporary.resolve("run");
        try (Stream<Path> files = Files.walk(shared.resolve("stopped"))) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        copy.resolve(shared.resolve("stopped").relativize(file).toString()));
            }
        }
        run = TrainingFixture.folder(copy);
        return copy;
    }

    private CheckpointWatcher resume() throws IOException {
        CheckpointWatcher watcher = new CheckpointWatcher(run);
        new Trainer(context, run, PLAN, BLOCKS, watcher).train(true);
        return watcher;
    }

    private void requireTheBitsOfTheUndisturbedOne() throws IOException {
        assertThat(TrainingFixture.hashes(run)).isEqualTo(TrainingFixture.hashes(undisturbed));
        assertThat(TrainingFixture.events(run)).isEqualTo(TrainingFixture.events(undisturbed));
    }

    private static void truncate(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length * 2 / 3));
    }

    private static void flipOneBit(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "model.safetensors,truncated",
        "model.safetensors,flipped",
        "outer.safetensors,truncated",
        "outer.safetensors,flipped",
        "worker-00000.safetensors,truncated",
        "worker-00001.safetensors,flipped",
        "config.json,truncated",
        "config.json,flipped",
        "manifest.json,truncated",
        "manifest.json,flipped",
        "_COMPLETE,truncated",
        "_COMPLETE,flipped",
        "worker-00001.safetensors,missing",
        "manifest.json,missing"
    })
    void aDamagedFileOfACheckpointIsNamedAndTheCheckpointBeforeIsTaken(String name, String fault) throws IOException {
        Path file = stoppedRun().resolve("baseline/checkpoints/round-00000003").resolve(name);
        switch (fault) {
            case "truncated" -> truncate(file);
            case "flipped" -> flipOneBit(file);
            default -> Files.delete(file);
        }
        CheckpointWatcher watcher = resume();
        assertThat(watcher.refused)
                .singleElement()
                .asString()
                .contains("checkpoint round-00000003 is refused")
                .contains(name);
        assertThat(watcher.startedFrom).containsExactly(2L);
        requireTheBitsOfTheUndisturbedOne();
    }

    @Test
    void aCheckpointWithoutItsMarkerWasNeverFinished() throws IOException {
        Files.delete(stoppedRun().resolve("baseline/checkpoints/round-00000003/_COMPLETE"));
        CheckpointWatcher watcher = resume();
        assertThat(watcher.refused).isEmpty();
        assertThat(watcher.startedFrom).containsExactly(2L);
        requireTheBitsOfTheUndisturbedOne();
    }

    @Test
    void ofTheMetricsALineThatWasCutOffIsWrittenAnew() throws IOException {
        Path metrics = stoppedRun().resolve("metrics.jsonl");
        // The last line is that of the checkpoint of round 3. Without that checkpoint round 3 is trained again.
        Files.delete(temporary.resolve("run/baseline/checkpoints/round-00000003/_COMPLETE"));
        byte[] bytes = Files.readAllBytes(metrics);
        Files.write(metrics, Arrays.copyOf(bytes, bytes.length - 20));
        resume();
        requireTheBitsOfTheUndisturbedOne();
    }

    @Test
    void aDamagedLineOfTheMetricsIsNamedWithWhatToDo() throws IOException {
        Path metrics = stoppedRun().resolve("metrics.jsonl");
        List<String> lines = new ArrayList<>(Files.readAllLines(metrics));
        byte[] line = lines.get(1).getBytes(StandardCharsets.ISO_8859_1);
        line[0] ^= 4;
        lines.set(1, new String(line, StandardCharsets.ISO_8859_1));
        Files.write(metrics, lines);
        assertThatThrownBy(this::resume)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 2 of")
                .hasMessageContaining("metrics.jsonl is not JSON")
                .hasMessageContaining("remove that line");
        lines.remove(1);
        Files.write(metrics, lines);
        resume();
        assertThat(TrainingFixture.hashes(run)).isEqualTo(TrainingFixture.hashes(undisturbed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"truncated", "flipped"})
    void aDamagedLeaseIsThatOfAnUnknownHolderWhoIsWaitedFor(String fault) throws IOException {
        Path lease = stoppedRun().resolve(RunLease.FILE);
        byte[] bytes = LeaseHolder.thisProcess().toBytes();
        if (fault.equals("flipped")) {
            bytes[0] ^= 4;
        }
        Files.write(lease, fault.equals("flipped") ? bytes : Arrays.copyOf(bytes, bytes.length * 2 / 3));
        List<String> waiting = new ArrayList<>();
        try (RunLease held = RunLease.take(run, waiting::add, IMPATIENT, LeaseHolder.thisProcess())) {
            held.requireHeld();
            resume();
        }
        assertThat(waiting).singleElement().asString().contains("by an unknown process");
        requireTheBitsOfTheUndisturbedOne();
    }

    @Test
    void aLeaseThatIsDamagedWhileItIsHeldIsNoLongerHeld() throws IOException {
        Path lease = stoppedRun().resolve(RunLease.FILE);
        RunLease.Timing alwaysLook = new RunLease.Timing(Duration.ofHours(1), Duration.ZERO);
        try (RunLease held = RunLease.take(run, waiting -> {}, alwaysLook, LeaseHolder.thisProcess())) {
            held.requireHeld();
            truncate(lease);
            assertThat(LeaseHolder.parse(Files.readAllBytes(lease))).isEqualTo(Optional.empty());
            assertThatThrownBy(held::requireHeld)
                    .isInstanceOf(RunInUseException.class)
                    .hasMessageContaining("an unknown process");
        }
    }
}
