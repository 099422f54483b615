package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.Tensor;
import org.sluice.training.NamedState;
import org.sluice.training.Replica;
import org.sluice.training.TrainingConfig;

/** What becomes of the workers' own optimizers between rounds, against replicas that are averaged by plain loops. */
@Timeout(120)
class InnerStateTest {
    private static final int WORKERS = 2;
    private static final int LOCAL_STEPS = 3;
    private static final TrainingConfig TRAINING = TrainingFixture.adamW(12);
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

    private static TrainingPlan plan(InnerState state) {
        return TrainingFixture.plan(
                TRAINING,
                new ClusterChange(TrainingFixture.cluster(WORKERS, LOCAL_STEPS, OuterOptimizer.average(), 2))
                        .innerState(state)
                        .done());
    }

    @ParameterizedTest
    @EnumSource(InnerState.class)
    void theRoundsAreThoseOfPlainLoops(InnerState state) throws IOException {
        RunFolder folder = TrainingFixture.folder(temporary.resolve("run"));
        TrainingFixture.train(context, folder, plan(state), BLOCKS);
        TrainingFixture.requireClose(TrainingFixture.parameters(folder), expected(state));
    }

    /** Each kind gives other parameters, so that none can stand in for another. */
    @Test
    void noKindIsAnother() {
        assertThat(expected(InnerState.LOCAL)).isNotEqualTo(expected(InnerState.AVERAGED));
        assertThat(expected(InnerState.LOCAL)).isNotEqualTo(expected(InnerState.RESET));
        assertThat(expected(InnerState.AVERAGED)).isNotEqualTo(expected(InnerState.RESET));
    }

    @ParameterizedTest
    @EnumSource(InnerState.class)
    void aResumedTrainingIsTheUndisturbedOne(InnerState state) throws IOException {
        RunFolder undisturbed = TrainingFixture.folder(temporary.resolve("undisturbed"));
        TrainingFixture.train(context, undisturbed, plan(state), BLOCKS);
        RunFolder stopped = TrainingFixture.folder(temporary.resolve("stopped"));
        TrainingFixture.trainUntil(context, stopped, plan(state), BLOCKS, 3);
        new Trainer(context, stopped, plan(state), BLOCKS, TrainingListener.none()).train(true);
        assertThat(TrainingFixture.hashes(stopped)).isEqualTo(TrainingFixture.hashes(undisturbed));
        assertThat(TrainingFixture.events(stopped)).isEqualTo(TrainingFixture.events(undisturbed));
    }

    @Test
    void averagedMomentsAndRoundedChangesDoNotGoTogether() {
        ClusterConfig rounded = TrainingFixture.cluster(2, 3, OuterOptimizer.average(), 2, WireFormat.BF16, false);
        assertThatThrownBy(() -> new ClusterChange(rounded)
                        .innerState(InnerState.AVERAGED)
                        .done())
                .hasMessageContaining("innerState is averaged with wireFormat bf16")
                .hasMessageContaining("fp32");
    }

    /** Rounds of replicas on this machine, averaged in double precision, each weighted by its targets. */
    private static byte[] expected(InnerState state) {
        List<Backend> backends = new ArrayList<>();
        List<Replica> replicas = new ArrayList<>();
        try {
            for (int worker = 0; worker < WORKERS; worker++) {
                backends.add(Backends.open("auto", 1));
                replicas.add(new Replica(TrainingFixture.MODEL, TRAINING, backends.get(worker), BLOCKS.blockLength()));
                replicas.get(worker).initialise();
            }
            for (long step = 0; step < TRAINING.steps(); step += LOCAL_STEPS) {
                round(state, replicas, backends, step);
            }
            return TrainingFixture.parameters(replicas.get(0), backends.get(0));
        } finally {
            replicas.forEach(Replica::close);
            backends.forEach(Backend::close);
        }
    }

    private static void round(InnerState state, List<Replica> replicas, List<Backend> backends, long first) {
        long[] targets = new long[WORKERS];
        for (int worker = 0; worker < WORKERS; worker++) {
            Replica replica = replicas.get(worker);
            if (state == InnerState.RESET) {
                replica.clearOptimizer();
            }
            for (long step = first; step < first + LOCAL_STEPS; step++) {
                long from = step * 5 + worker * 5L / WORKERS;
                long to = step * 5 + (worker + 1) * 5L / WORKERS;
                long updates = state == InnerState.RESET ? step - first : step;
                targets[worker] +=
                        replica.step(step, updates, BLOCKS.range(from, to)).targets();
            }
        }
        average(replicas.stream().map(replica -> replica.decoder().parameters()).toList(), backends, targets);
        if (state == InnerState.AVERAGED) {
            for (int at = 0; at < replicas.get(0).optimizerState().size(); at++) {
                int index = at;
                average(
                        replicas.stream()
                                .map(Replica::optimizerState)
                                .map(states -> states.get(index))
                                .map(NamedState::tensor)
                                .toList(),
                        backends,
                        targets);
            }
        }
    }

    private static void average(List<Tensor> tensors, List<Backend> backends, long[] weights) {
        int bytes = Math.toIntExact(tensors.get(0).elements() * Float.BYTES);
        List<FloatBuffer> values = new ArrayList<>();
        for (int worker = 0; worker < WORKERS; worker++) {
            byte[] read = new byte[bytes];
            backends.get(worker).memory().read(tensors.get(worker), 0, ByteBuffer.wrap(read));
            values.add(ArrayParticipant.floats(read));
        }
        byte[] mean = new byte[bytes];
        FloatBuffer means = ArrayParticipant.floats(mean);
        for (int at = 0; at < means.capacity(); at++) {
            double sum = 0;
            double total = 0;
            for (int worker = 0; worker < WORKERS; worker++) {
                sum += (double) weights[worker] * values.get(worker).get(at);
                total += weights[worker];
            }
            means.put(at, (float) (sum / total));
        }
        for (int worker = 0; worker < WORKERS; worker++) {
            backends.get(worker).memory().write(ByteBuffer.wrap(mean), tensors.get(worker), 0);
        }
    }
}
