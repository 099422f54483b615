package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.model.DecoderConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.RopeConfig;
import org.sluice.model.checkpoint.CheckpointCorruptException;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.training.Replica;

@Timeout(120)
class StartWeightsTest {
    private static final SyntheticBlocks BLOCKS = SyntheticBlocks.of(200);
    private static final DecoderConfig LONGER =
            TrainingFixture.MODEL.change().rope(RopeConfig.of(500_000)).build();

    private static JavaSparkContext context;

    @TempDir
    static Path temporary;

    private static TrainingOutcome source;
    private static byte[] sourceParameters;

    @BeforeAll
    static void trainWhatIsStartedFrom() throws IOException {
        context = SparkSessions.local(2);
        TrainingPlan plan = TrainingFixture.plan(
                TrainingFixture.adamW(4), TrainingFixture.cluster(2, 2, OuterOptimizer.nesterov(), 2));
        RunFolder folder = folder("source");
        source = TrainingFixture.train(context, folder, plan, BLOCKS);
        sourceParameters = TrainingFixture.parameters(folder);
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    private static RunFolder folder(String name) throws IOException {
        return TrainingFixture.folder(temporary.resolve(name));
    }

    private static TrainingPlan plan(DecoderConfig model, ClusterConfig cluster, String startFrom) {
        return new TrainingPlan("baseline", model, TrainingFixture.adamW(4), cluster, "synthetic", startFrom);
    }

    @Test
    void trainingGoesOnFromTheWeightsWithAFreshOptimizer() throws IOException {
        RunFolder folder = folder("started");
        ClusterConfig cluster = TrainingFixture.cluster(1, 2, OuterOptimizer.average(), 100);
        TrainingOutcome outcome =
                TrainingFixture.train(context, folder, plan(LONGER, cluster, source.checkpoint()), BLOCKS);
        assertThat(outcome.progress().step()).isEqualTo(4);
        try (Backend backend = Backends.open("auto", 1);
                Replica replica = new Replica(LONGER, TrainingFixture.adamW(4), backend, BLOCKS.blockLength())) {
            replica.initialise();
            byte[] fromSeed = TrainingFixture.parameters(replica, backend);
            assertThat(fromSeed).isNotEqualTo(sourceParameters);
            backend.memory()
                    .write(ByteBuffer.wrap(sourceParameters), replica.decoder().parameters(), 0);
            for (long step = 0; step < 4; step++) {
                replica.step(step, BLOCKS.range(step * 5, step * 5 + 5));
            }
            assertThat(TrainingFixture.parameters(folder))
                    .containsExactly(TrainingFixture.parameters(replica, backend));
        }
    }

    @Test
    void afterAFailureOrAStopItGoesOnWithTheSameBits() throws IOException {
        ClusterConfig cluster = TrainingFixture.cluster(2, 1, OuterOptimizer.nesterov(), 2);
        TrainingPlan plan = plan(LONGER, cluster, source.checkpoint());
        RunFolder undisturbed = folder("undisturbed");
        TrainingFixture.train(context, undisturbed, plan, BLOCKS);
        // In the second round, before any checkpoint: back to the weights that it started from.
        SyntheticBlocks.Accident accident =
                new SyntheticBlocks.Accident(SyntheticBlocks.Kind.FAIL_ONCE, List.of(6L), temporary.toString());
        RunFolder disturbed = folder("disturbed");
        TrainingOutcome outcome = TrainingFixture.train(context, disturbed, plan, SyntheticBlocks.of(200, accident));
        assertThat(outcome.recoveries()).isEqualTo(1);
        assertThat(TrainingFixture.hashes(disturbed)).isEqualTo(TrainingFixture.hashes(undisturbed));

        RunFolder stopped = folder("stopped");
        TrainingFixture.trainUntil(context, stopped, plan, BLOCKS, 3);
        TrainingPlan fromSeed = plan(LONGER, cluster, "");
        assertThatThrownBy(() -> new Trainer(context, stopped, fromSeed, BLOCKS, TrainingListener.none()).train(true))
                .isInstanceOf(ResumeMismatchException.class)
                .hasMessageContaining("start.from: " + source.checkpoint() + " in the checkpoint, nothing here");
        new Trainer(context, stopped, plan, BLOCKS, TrainingListener.none()).train(true);
        assertThat(TrainingFixture.hashes(stopped)).isEqualTo(TrainingFixture.hashes(undisturbed));
        assertThat(TrainingFixture.events(stopped)).isEqualTo(TrainingFixture.events(undisturbed));
    }

    @Test
    void weightsOfAnotherShapeAreRefusedBeforeAnythingIsDone() throws IOException {
        ClusterConfig cluster = TrainingFixture.cluster(1, 1, OuterOptimizer.average(), 1);
        RunFolder folder = folder("refused");
        TrainingPlan wider = plan(TrainingFixture.MODEL.withFfn(40), cluster, source.checkpoint());
        assertThatThrownBy(() -> TrainingFixture.train(context, folder, wider, BLOCKS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(source.checkpoint())
                .hasMessageContaining(
                        "model.layers.0.mlp.gate_proj.weight is [24, 16] in the checkpoint, [40, 16] here");
        TrainingPlan experts = plan(
                TrainingFixture.MODEL.change().mixture(MixtureConfig.of(4, 2)).build(), cluster, source.checkpoint());
        assertThatThrownBy(() -> TrainingFixture.train(context, folder, experts, BLOCKS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model.layers.0.mlp.experts.gate_proj.weight is not in the checkpoint")
                .hasMessageContaining("and 3 more");
        assertThat(folder.exists()).isFalse();
    }

    @Test
    void aDamagedOrMissingCheckpointIsNamed() throws IOException {
        ClusterConfig cluster = TrainingFixture.cluster(1, 1, OuterOptimizer.average(), 1);
        RunFolder folder = folder("damaged");
        RunFolder copy = folder("copy");
        TrainingOutcome outcome = TrainingFixture.train(context, copy, plan(LONGER, cluster, ""), BLOCKS);
        Path file = Path.of(new org.apache.hadoop.fs.Path(outcome.checkpoint()).toUri())
                .resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 5] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() ->
                        TrainingFixture.train(context, folder, plan(LONGER, cluster, outcome.checkpoint()), BLOCKS))
                .isInstanceOf(CheckpointCorruptException.class)
                .hasMessageContaining("model.safetensors");
        String missing = temporary.resolve("nowhere").toString();
        assertThatThrownBy(() -> TrainingFixture.train(context, folder, plan(LONGER, cluster, missing), BLOCKS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nowhere holds no finished checkpoint");
        assertThat(folder.exists()).isFalse();
    }
}
