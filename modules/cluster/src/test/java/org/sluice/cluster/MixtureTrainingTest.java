package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.model.ExpertCounts;
import org.sluice.model.ExpertRange;
import org.sluice.model.ParameterLayout;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.training.Replica;
import org.sluice.training.StepResult;
import org.sluice.training.TrainingConfig;

/** What training by rounds does for a mixture of experts alone. */
@Timeout(120)
class MixtureTrainingTest {
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

    private RunFolder folder(String name) throws IOException {
        return TrainingFixture.folder(temporary.resolve(name));
    }

    /** What one worker of two has after a round of two steps. */
    private record Local(FloatBuffer parameters, long targets, ExpertCounts counts) {
        static Local train(TrainingConfig training, SyntheticBlocks blocks, long from, long to) {
            try (Backend backend = Backends.open("auto", 1);
                    Replica replica = new Replica(TrainingFixture.MIXTURE, training, backend, blocks.blockLength())) {
                replica.initialise();
                StepResult first = replica.step(0, blocks.range(from, to));
                StepResult second = replica.step(1, blocks.range(5 + from, 5 + to));
                return new Local(
                        ArrayParticipant.floats(TrainingFixture.parameters(replica, backend)),
                        first.targets() + second.targets(),
                        first.routing().counts().plus(second.routing().counts()));
            }
        }
    }

    @Test
    void afterSeveralLocalStepsAnExpertIsTheMeanByTheRowsThatItSaw() throws IOException {
        TrainingConfig training = TrainingFixture.adamW(2);
        SyntheticBlocks blocks = SyntheticBlocks.of(37);
        RunFolder folder = folder("rows");
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.MIXTURE, training, TrainingFixture.cluster(2, 2, OuterOptimizer.average(), 1));
        TrainingFixture.train(context, folder, plan, blocks);
        Local first = Local.train(training, blocks, 0, 2);
        Local second = Local.train(training, blocks, 2, 5);
        List<ExpertRange> ranges = ParameterLayout.of(TrainingFixture.MIXTURE).expertRanges();
        assertThat(ranges).hasSize(2 * 5 * 3);
        FloatBuffer found = ArrayParticipant.floats(TrainingFixture.parameters(folder));
        int ofExperts = 0;
        for (int at = 0; at < found.capacity(); at++) {
            double weight = first.targets();
            double other = second.targets();
            for (ExpertRange range : ranges) {
                if (range.from() <= at && at < range.to()) {
                    weight = first.counts().at(range.layer(), range.expert());
                    other = second.counts().at(range.layer(), range.expert());
                    ofExperts++;
                }
            }
            double mean = (weight * first.parameters().get(at)
                            + other * second.parameters().get(at))
                    / (weight + other);
            assertThat(found.get(at)).isEqualTo((float) mean);
        }
        assertThat(ofExperts).isEqualTo(2 * 5 * 3 * 12 * 16);
    }

    /** Rounds of one step, which each need a job that counts, and then the round's own. */
    @Test
    void whatFailsWhileExpertsAreCountedAndWhatIsStoppedGetsTheSameBits() throws IOException {
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.MIXTURE,
                TrainingFixture.adamW(6),
                TrainingFixture.cluster(2, 1, OuterOptimizer.nesterov(), 2));
        SyntheticBlocks blocks = SyntheticBlocks.of(200);
        RunFolder undisturbed = folder("undisturbed");
        TrainingFixture.train(context, undisturbed, plan, blocks);

        RunFolder stopped = folder("stopped");
        TrainingFixture.trainUntil(context, stopped, plan, blocks, 3);
        new Trainer(context, stopped, plan, blocks, TrainingListener.none()).train(true);
        assertThat(TrainingFixture.events(stopped)).isEqualTo(TrainingFixture.events(undisturbed));
        assertThat(TrainingFixture.hashes(stopped)).isEqualTo(TrainingFixture.hashes(undisturbed));

        // Block 7 is read first to count the experts of round 2; block 21 is read again to train round 5.
        SyntheticBlocks.Accident accident = new SyntheticBlocks.Accident(
                SyntheticBlocks.Kind.FAIL_ONCE, Map.of(7L, 1, 21L, 2), temporary.toString());
        List<TrainingListener.Recovery> recoveries = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void recovery(Recovery recovery) {
                recoveries.add(recovery);
            }
        };
        RunFolder disturbed = folder("disturbed");
        new Trainer(context, disturbed, plan, SyntheticBlocks.of(200, accident), listener).train(false);
        assertThat(recoveries).extracting(recovery -> recovery.backTo().round()).containsExactly(0L, 4L);
        assertThat(TrainingFixture.events(disturbed)).isEqualTo(TrainingFixture.events(undisturbed));
        assertThat(TrainingFixture.hashes(disturbed)).isEqualTo(TrainingFixture.hashes(undisturbed));
    }
}
