package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.preflight.PreflightException;
import org.sluice.model.DecoderConfig;

/** Executors in JVMs of their own that are not what a training needs: what the user is told before anything is computed. */
@Timeout(120)
class PreflightTest {
    /** 12 million parameters: 200 MB for a worker's tensors, and 100 MB for the copy of its optimizer's state. */
    private static final DecoderConfig WIDE =
            TrainingFixture.MODEL.change().hidden(1024).ffn(4096).build();

    @TempDir
    Path temporary;

    /** The disk of a host: what is below {@code /shared} is another folder in each process. */
    public static final class OwnDisk extends RawLocalFileSystem {
        @Override
        public URI getUri() {
            return URI.create("own:///");
        }

        @Override
        public String getScheme() {
            return "own";
        }

        @Override
        public File pathToFile(org.apache.hadoop.fs.Path path) {
            return new File(
                    getConf().get("own.folder") + "/" + ProcessHandle.current().pid(),
                    path.toUri().getPath());
        }
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnceAndNothingIsComputed() throws IOException {
        Map<String, String> settings = new HashMap<>();
        settings.put("spark.executor.defaultJavaOptions", String.join(" ", SparkSessions.SHORT_LIVED));
        // Spark refuses to start an executor whose direct buffers could not hold a block of that size.
        settings.put("spark.network.maxRemoteBlockSizeFetchToMem", "32m");
        settings.put(
                "spark.executor.extraJavaOptions",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=256m" + " -XX:MaxDirectMemorySize=64m");
        Configuration hadoop = new Configuration();
        hadoop.set("fs.own.impl", OwnDisk.class.getName());
        hadoop.set("own.folder", temporary.toString());
        RunFolder run = new RunFolder(hadoop, "own:///shared/run");
        TrainingPlan plan = TrainingFixture.plan(
                WIDE, TrainingFixture.adamW(4), TrainingFixture.cluster(2, 1, OuterOptimizer.average(), 100));
        List<TrainingListener.Start> starts = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void started(Start start) {
                starts.add(start);
            }
        };
        try (JavaSparkContext context = SparkSessions.localCluster(2, 1, 512, settings)) {
            BlockSource unreadable = new UnreadableBlocks(SyntheticBlocks.of(37));
            Trainer trainer = new Trainer(context, run, plan, unreadable, listener);
            Throwable thrown = catchThrowable(() -> trainer.train(false));
            assertThat(thrown).isInstanceOf(PreflightException.class);
            List<String> lines = thrown.getMessage().lines().toList();
            assertThat(lines.get(0)).contains("not ready", "nothing was computed");
            assertThat(lines.subList(1, lines.size()))
                    .anySatisfy(line -> assertThat(line)
                            .containsPattern("executor \\d on \\S+: .*1 worker of this training takes \\d+\\.\\d MiB")
                            .contains("maxphysicalbytes", "leaves", "spark.executor.extraJavaOptions"))
                    .anySatisfy(line -> assertThat(line)
                            .containsPattern("executor 0 on \\S+, executor 1 on \\S+: ")
                            .contains("-XX:MaxDirectMemorySize", "64.0 MiB", "cluster.asynchronousCheckpoints"))
                    .anySatisfy(line -> assertThat(line).contains("own:/shared/run", "is not the driver's there"))
                    .anySatisfy(
                            line -> assertThat(line).contains("the dataset synthetic", "no such shard", "data.output"));
        }
        assertThat(starts).isEmpty();
        assertThat(run.exists()).as("the folder of the trial was removed").isTrue();
        assertThat(run.fileSystem().listStatus(run.root())).isEmpty();
    }

    @Test
    void aReadyClusterIsAskedInSecondsAndTrains() throws IOException {
        RunFolder run = TrainingFixture.folder(temporary.resolve("run"));
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(2), TrainingFixture.cluster(2, 1, OuterOptimizer.average(), 100));
        try (JavaSparkContext context = SparkSessions.localCluster(2, 1, 512)) {
            assertThat(TrainingFixture.train(context, run, plan, SyntheticBlocks.of(37))
                            .status())
                    .isEqualTo(TrainingOutcome.Status.COMPLETED);
        }
        assertThat(temporary.resolve("run").toFile().list()).containsExactlyInAnyOrder("baseline", "metrics.jsonl");
    }

    @Test
    void aRunFolderThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(2), TrainingFixture.cluster(1, 1, OuterOptimizer.average(), 100));
        // Nobody can make a folder below a file, root neither.
        RunFolder run = TrainingFixture.folder(file.resolve("run"));
        try (JavaSparkContext context = SparkSessions.local(1)) {
            Preflight preflight = preflight(context, run, plan);
            assertThatThrownBy(
                            () -> preflight.of(SparkSessions.places(context, 1)).requireReady())
                    .isInstanceOf(PreflightException.class)
                    .hasMessageContaining("the driver on ")
                    .hasMessageContaining("cannot be written")
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("the key runs");
        }
    }

    private static Preflight preflight(JavaSparkContext context, RunFolder run, TrainingPlan plan) {
        ExecutorWatch watch = new ExecutorWatch(context);
        Broadcast<SerializableConfiguration> hadoop = context.broadcast(new SerializableConfiguration(run.hadoop()));
        return new Preflight(
                context,
                run,
                plan,
                SyntheticBlocks.of(37),
                layout(plan, 1),
                hadoop,
                new WatchedJobs(context, watch, "baseline", "run"));
    }

    private static SliceLayout layout(TrainingPlan plan, int fragments) {
        return SliceLayout.of(plan.model().parameters(), plan.cluster().sliceElements(), 2, fragments);
    }

    @Test
    void clocksDifferOnlyByWhatTheWayOfTheMessageCannotExplain() {
        assertThat(Preflight.difference(1500, 1000, 2000)).isZero();
        assertThat(Preflight.difference(900, 1000, 2000)).isEqualTo(-100);
        assertThat(Preflight.difference(2300, 1000, 2000)).isEqualTo(300);
    }

    @Test
    void whatAWorkerNeedsIsCountedFromThePlan() {
        TrainingPlan whole = TrainingFixture.plan(
                TrainingFixture.adamW(2), TrainingFixture.cluster(2, 1, OuterOptimizer.average(), 100));
        WorkerNeeds needs = needs(whole, 1);
        long parameters = TrainingFixture.MODEL.parameters();
        assertThat(needs.tensorBytes()).isGreaterThan(16 * parameters);
        assertThat(needs.directBytes()).isEqualTo(8 * parameters);
        assertThat(needs.sentBytes()).isEqualTo(4 * parameters);
        TrainingPlan changes = TrainingFixture.plan(
                TrainingFixture.adamW(2),
                TrainingFixture.cluster(2, 1, OuterOptimizer.average(), 100, WireFormat.BF16, false));
        assertThat(needs(changes, 1).tensorBytes()).isEqualTo(needs.tensorBytes() + 8 * parameters);
        assertThat(needs(changes, 1).directBytes()).isEqualTo(12 * parameters);
        assertThat(needs(changes, 1).sentBytes()).isEqualTo(2 * parameters);
        assertThat(needs(whole, 2).sentBytes())
                .as("the larger of two fragments")
                .isBetween(2 * parameters, 3 * parameters);
        assertThat(needs(
                                TrainingFixture.plan(
                                        TrainingFixture.adamW(2), TrainingFixture.standingStill(whole.cluster())),
                                1)
                        .directBytes())
                .isZero();
    }

    private static WorkerNeeds needs(TrainingPlan plan, int fragments) {
        return new WorkerNeeds(
                plan,
                layout(plan, fragments),
                SyntheticBlocks.of(37),
                new ExecutorSettings(new SparkConf(false).setMaster("local")));
    }
}
