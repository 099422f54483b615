package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.tensor.OutOfDeviceMemoryException;

/** Executors in JVMs of their own that really die while they train: what the user is told. */
@Tag("slow")
@Timeout(240)
class ExecutorDeathTest {
    /** Of the third round, as a round is one step of five blocks. */
    private static final long BLOCK = 12;

    private static JavaSparkContext context;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() {
        // One more than a training needs, so that none waits for the successor of an executor that died.
        context = SparkSessions.localCluster(3, 1, 512);
    }

    @AfterAll
    static void stop() {
        context.close();
    }

    @Test
    void outOfJavaHeap() throws IOException {
        assertThat(messageOf(DoomedBlocks.Doom.JAVA_HEAP))
                .containsPattern("executor \\d+ on \\S+ ran out of Java heap "
                        + "\\(java.lang.OutOfMemoryError: Java heap space\\) in round 3: "
                        + "raise spark.executor.memory \\(now 512m\\)$");
    }

    @Test
    void outOfTheNativeMemoryThatJavacppAllows() throws IOException {
        assertThat(messageOf(DoomedBlocks.Doom.JAVACPP))
                .containsPattern("executor \\d+ on \\S+ ran out of memory outside the Java heap "
                        + "\\(java.lang.OutOfMemoryError: .*[bB]ytes.*\\) in round 3: lower training.microBatch, ")
                .contains("maxbytes=0", "spark.executor.extraJavaOptions (now without any of its limits)");
    }

    @Test
    void aTensorThatIsTooLargeEndsTrainingWithThePlace() throws IOException {
        Throwable thrown = failureOf(DoomedBlocks.Doom.TENSOR);
        assertThat(thrown).isInstanceOf(OutOfDeviceMemoryException.class);
        assertThat(thrown.getMessage())
                .containsPattern("^executor \\d+ on \\S+ ran out of memory outside the Java heap \\(.*'huge'.*\\) "
                        + "in round 3: lower training.microBatch, ");
        assertThat(thrown.getCause()).isInstanceOf(OutOfDeviceMemoryException.class);
    }

    @Test
    void crashInNativeCode() throws IOException {
        String message = messageOf(DoomedBlocks.Doom.NATIVE_CRASH);
        assertThat(message)
                .containsPattern("executor \\d+ on \\S+ crashed in native code "
                        + "\\(SIGSEGV at V \\[libjvm.so\\+0x[0-9a-f]+] \\S*Unsafe_Put.*; SIGABRT, exit code 134\\) "
                        + "in round 3: update or replace the library of that frame");
        String log = message.substring(message.indexOf("its log: ") + "its log: ".length());
        assertThat(Path.of(log).getFileName().toString()).startsWith("hs_err_pid");
        assertThat(Files.readString(Path.of(log))).contains("Problematic frame");
    }

    @Test
    void killedFromOutside() throws IOException {
        assertThat(messageOf(DoomedBlocks.Doom.SIGKILL))
                .containsPattern(
                        "executor \\d+ on \\S+ was killed from outside \\(SIGKILL, exit code 137\\) in round 3, "
                                + "most likely by the kernel's or container's memory limit: lower training.microBatch, or ")
                .contains("spark.executor.memory (now 512m)");
    }

    @Test
    void aFullDisk() throws IOException {
        assertThat(messageOf(DoomedBlocks.Doom.FULL_DISK))
                .containsPattern("executor \\d+ on \\S+ had no space left on a disk "
                        + "\\(.*No space left on device; the executor writes to \\S+ \\(\\d+ KiB of \\d+ free\\)\\) "
                        + "in round 3: free space on its host, "
                        + "or point spark.local.dir \\(now /tmp, the default\\)");
    }

    @Test
    void removedByTheDriverAndTrainedToTheEnd() throws IOException {
        List<TrainingListener.Recovery> recoveries = new ArrayList<>();
        List<String> executors = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void started(Start start) {
                executors.addAll(start.executors());
            }

            @Override
            public void round(Round round) {
                if (round.round() == 2 && recoveries.isEmpty()) {
                    context.sc().killExecutors(ScalaInterop.seq(List.of(executors.get(0))));
                    context.sc().requestExecutors(1);
                }
            }

            @Override
            public void recovery(Recovery recovery) {
                recoveries.add(recovery);
            }
        };
        TrainingOutcome outcome = new Trainer(
                        context,
                        TrainingFixture.folder(temporary.resolve("run")),
                        plan(2),
                        SyntheticBlocks.of(200),
                        listener)
                .train(false);
        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(recoveries).singleElement().satisfies(recovery -> assertThat(recovery.cause())
                .matches("executor " + executors.get(0) + " on \\S+ was taken away on purpose "
                        + "\\(Executor killed by driver\\) in round \\d+: let spark.dynamicAllocation.enabled "
                        + "\\(now false, the default\\) be false, .*"));
    }

    private String messageOf(DoomedBlocks.Doom doom) throws IOException {
        Throwable thrown = failureOf(doom);
        assertThat(thrown).isInstanceOf(TrainingFailedException.class);
        assertThat(thrown.getMessage()).startsWith("training of 'baseline' failed 1 times in a row in round 3: ");
        return thrown.getMessage();
    }

    private Throwable failureOf(DoomedBlocks.Doom doom) throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("run"));
        return catchThrowable(
                () -> TrainingFixture.train(context, folder, plan(0), DoomedBlocks.of(doom, BLOCK, temporary)));
    }

    private static TrainingPlan plan(int recoveries) {
        return TrainingFixture.plan(
                TrainingFixture.adamW(6),
                new ClusterChange(TrainingFixture.cluster(2, 1, OuterOptimizer.average(), 2))
                        .asynchronousCheckpoints(false)
                        .recoveries(recoveries)
                        .done());
    }
}
