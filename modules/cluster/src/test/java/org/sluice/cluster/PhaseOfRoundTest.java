package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.StageInfo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.cluster.control.RoundPolicy;
import scala.jdk.javaapi.CollectionConverters;

/**
 * An executor is killed in the phases of a round that come after training; those before are in {@link ExecutorLossTest}. What is left finishes
 * with the same bits.
 */
@Tag("slow")
@Timeout(240)
class PhaseOfRoundTest {
    private static final int ROUND = 4;

    private static JavaSparkContext context;

    @TempDir
    Path temporary;

    /** The phases, which are stages in Spark. */
    enum Phase {
        EMIT,
        REDUCE,
        PUBLISH;

        boolean isOf(StageInfo stage) {
            return switch (this) {
                case EMIT -> has(stage, "ContributionRdd");
                case REDUCE -> has(stage, "OuterUpdateRdd");
                case PUBLISH -> stage.rddInfos().head().name().equals("PublishedRdd");
            };
        }

        /** The last RDD of a stage is the first of these; others are what it is computed from. */
        private static boolean has(StageInfo stage, String rdd) {
            return CollectionConverters.asJava(stage.rddInfos()).stream()
                    .anyMatch(info -> info.name().equals(rdd));
        }
    }

    @BeforeAll
    static void start() {
        context = SparkSessions.localCluster(2, 2, 700);
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    /** Kills, once, the executor of the first task of the stage that is the phase in a round. */
    private static final class Killer extends SparkListener {
        private final Phase phase;
        private final int nth;
        private final AtomicInteger seen = new AtomicInteger();
        private final Map<Integer, Boolean> wanted = new ConcurrentHashMap<>();
        private volatile String killed;

        Killer(Phase phase, int nth) {
            this.phase = phase;
            this.nth = nth;
        }

        @Override
        public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
            if (phase.isOf(submitted.stageInfo()) && seen.incrementAndGet() == nth) {
                wanted.put(submitted.stageInfo().stageId(), true);
            }
        }

        @Override
        public void onTaskStart(SparkListenerTaskStart started) {
            if (killed == null && wanted.containsKey(started.stageId())) {
                Optional<ProcessHandle> process =
                        ExecutorProcesses.of(started.taskInfo().executorId());
                killed = started.taskInfo().executorId();
                process.ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    /** Trains while a killer is about; returns why training went back to a checkpoint, each time. */
    private static List<String> train(RunFolder folder, TrainingPlan plan, Killer killer) throws IOException {
        List<String> causes = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void recovery(Recovery recovery) {
                causes.add(recovery.cause());
            }
        };
        context.sc().addSparkListener(killer);
        try {
            new Trainer(context, folder, plan, SyntheticBlocks.of(200), listener).train(false);
        } finally {
            context.sc().removeSparkListener(killer);
        }
        assertThat(killer.killed).as("the executor that was killed").isNotNull();
        return causes;
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void trainingFinishesWithTheBitsOfTheUndisturbedOne(Phase phase) throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(15),
                TrainingFixture.standingStill(TrainingFixture.cluster(2, 3, OuterOptimizer.nesterov(), 2)));
        requireSameBits(plan, phase);
    }

    private void requireSameBits(TrainingPlan plan, Phase phase) throws IOException {
        RunFolder undisturbed = TrainingFixture.folder(temporary.resolve("undisturbed"));
        TrainingFixture.train(context, undisturbed, plan, SyntheticBlocks.of(200));
        RunFolder disturbed = TrainingFixture.folder(temporary.resolve("disturbed"));
        // The first version is published before the first round.
        Killer killer = new Killer(phase, phase == Phase.PUBLISH ? ROUND + 1 : ROUND);
        List<String> causes = train(disturbed, plan, killer);
        assertThat(causes).isNotEmpty();
        assertThat(causes.get(0)).contains("executor " + killer.killed).contains("exit code 137");
        assertThat(TrainingFixture.events(disturbed)).isEqualTo(TrainingFixture.events(undisturbed));
        assertThat(TrainingFixture.hashes(disturbed)).isEqualTo(TrainingFixture.hashes(undisturbed));
    }

    /** Half of the parameters are exchanged while the next round trains, on the executors' second cores. */
    @ParameterizedTest
    @EnumSource(Phase.class)
    void anExchangeBesideTrainingIsNoDifferent(Phase phase) throws IOException {
        ClusterConfig atOnce =
                TrainingFixture.standingStill(TrainingFixture.cluster(2, 3, OuterOptimizer.nesterov(), 4));
        requireSameBits(
                TrainingFixture.plan(
                        TrainingFixture.adamW(24),
                        new ClusterChange(atOnce).streaming(2, true).done()),
                phase);
    }

    /** Where workers may come and go, the round goes on without the one that was lost. */
    @Test
    void anElasticCrewGoesOnWithoutIt() throws IOException {
        ClusterConfig fixed = TrainingFixture.cluster(2, 3, OuterOptimizer.nesterov(), 100);
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(15),
                new ClusterChange(fixed)
                        .workers(2, 1)
                        .rounds(new RoundPolicy(0, 0.5, 10))
                        .done());
        RunFolder folder = TrainingFixture.folder(temporary.resolve("elastic"));
        assertThat(train(folder, plan, new Killer(Phase.EMIT, 2)))
                .as("why training went back")
                .isEmpty();
        CountedBlocks.requireEachOnce(folder, 15 * 5);
    }
}
