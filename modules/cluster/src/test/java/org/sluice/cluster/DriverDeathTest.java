package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A driver in a process of its own is killed in each phase of a checkpoint; what is resumed after it has the bits of an undisturbed training. */
@Tag("slow")
@Timeout(120)
class DriverDeathTest {
    private static final SyntheticBlocks BLOCKS = SyntheticBlocks.of(37);

    /** Checkpoints of the rounds 1 to 5, of which two are kept. */
    private static final TrainingPlan PLAN = TrainingFixture.plan(
            TrainingFixture.adamW(10), TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 1));

    @TempDir
    static Path shared;

    private static JavaSparkContext context;
    private static RunFolder undisturbed;

    @TempDir
    Path temporary;

    /** The driver, and its workers with it. */
    static final class Driver {
        private Driver() {}

        public static void main(String[] arguments) throws IOException {
            RunFolder folder = new RunFolder(
                    DyingDisk.at(DyingDisk.Moment.valueOf(arguments[1]), arguments[2]), "dying:" + arguments[0]);
            try (JavaSparkContext own = SparkSessions.local(2)) {
                TrainingFixture.train(own, folder, PLAN, BLOCKS);
            }
        }
    }

    @BeforeAll
    static void train() throws IOException {
        context = SparkSessions.local(2);
        undisturbed = TrainingFixture.folder(shared.resolve("undisturbed"));
        TrainingFixture.train(context, undisturbed, PLAN, BLOCKS);
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    /** Everything that the folder of a run holds; of the undisturbed one all belongs there. */
    private static List<String> files(Path run) throws IOException {
        try (Stream<Path> files = Files.walk(run)) {
            return files.map(file -> run.relativize(file).toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @CsvSource({
        // While a worker writes its share.
        "WRITING, round-00000004/worker-00001.safetensors, 3",
        // All parts are there, but no manifest.
        "WRITTEN, round-00000004/config.json, 3",
        // The manifest is there, but no marker.
        "WRITTEN, round-00000004/manifest.json, 3",
        // The marker is there, but no line in the metrics, and what is superfluous now is still there.
        "WRITTEN, round-00000004/_COMPLETE, 4",
        "WRITTEN, round-00000005/_COMPLETE, 5",
        // What is superfluous is half gone.
        "DELETING, round-00000002, 4"
    })
    void whatIsResumedHasTheBitsOfTheUndisturbedOne(DyingDisk.Moment moment, String name, long from)
            throws IOException, InterruptedException {
        Path run = temporary.resolve("run");
        Process driver = TestProcess.start(
                temporary.resolve("driver.log"), Driver.class.getName(), run.toString(), moment.name(), name);
        assertThat(driver.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(driver.exitValue())
                .as(() -> "the driver's exit code; it said: " + said())
                .isEqualTo(137);
        RunFolder folder = TrainingFixture.folder(run);
        CheckpointWatcher watcher = new CheckpointWatcher(folder);
        TrainingOutcome outcome = new Trainer(context, folder, PLAN, BLOCKS, watcher).train(true);
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(watcher.startedFrom).isEqualTo(from == 5 ? List.of() : List.of(from));
        assertThat(TrainingFixture.hashes(folder)).isEqualTo(TrainingFixture.hashes(undisturbed));
        assertThat(TrainingFixture.events(folder)).isEqualTo(TrainingFixture.events(undisturbed));
        assertThat(files(run)).isEqualTo(files(shared.resolve("undisturbed")));
    }

    private String said() {
        try {
            return Files.readString(temporary.resolve("driver.log"));
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }
}
