package org.sluice.experiments;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.cluster.ClusterConfig;
import org.sluice.cluster.InnerState;
import org.sluice.cluster.OuterOptimizer;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.Streaming;
import org.sluice.cluster.Trainer;
import org.sluice.cluster.TrainingListener;
import org.sluice.cluster.TrainingOutcome;
import org.sluice.cluster.TrainingPlan;
import org.sluice.cluster.WireFormat;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.data.BlockReader;
import org.sluice.model.DecoderConfig;
import org.sluice.model.ModelScale;
import org.sluice.model.Presets;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.Precision;
import org.sluice.training.Replica;
import org.sluice.training.TrainingBlock;
import org.sluice.training.TrainingConfig;

/** Every row of the catalogue, at its smallest scale, trains, goes on where it was, and is on one worker what it is on one machine. */
@Tag("slow")
class CatalogueTrainingTest {
    private static final int BLOCKS_PER_STEP = 4;
    private static final int LOCAL_STEPS = 3;
    private static final long STEPS = 2L * LOCAL_STEPS;
    private static final String VARIANT = "row";

    private static SmallWorld world;

    @TempDir
    private static Path corpus;

    @TempDir
    private Path runs;

    @BeforeAll
    static void start() {
        world = SmallWorld.create(corpus, 0.2);
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    /** A training that is named by all rows that it is the same for. */
    record Training(String name, DecoderConfig model, double learningRateFactor) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Training> trainings() {
        Map<List<Object>, Training> byContent = new LinkedHashMap<>();
        for (CatalogueRow row : Catalogue.rows()) {
            DecoderConfig base =
                    Presets.named(row.preset(), ModelScale.TINY).withVocabulary(world.dataset.vocabulary());
            DecoderConfig model = row.variant(SmallWorld.BLOCK_LENGTH).of(base, row.equalParameters());
            byContent.merge(
                    List.of(model, row.learningRateFactor()),
                    new Training(row.name(), model, row.learningRateFactor()),
                    (first, same) ->
                            new Training(first.name() + " " + same.name(), first.model(), first.learningRateFactor()));
        }
        return new ArrayList<>(byContent.values());
    }

    @Test
    void everyRowIsInOneOfTheTrainings() {
        assertThat(trainings().stream()
                        .flatMap(training -> List.of(training.name().split(" ")).stream()))
                .containsExactlyInAnyOrderElementsOf(
                        Catalogue.rows().stream().map(CatalogueRow::name).toList());
    }

    @ParameterizedTest
    @MethodSource("trainings")
    void learnsAndResumesToTheSameBits(Training training) throws IOException {
        RunFolder folder = folder("undisturbed");
        TrainingPlan plan = plan(training, STEPS, 2);

        TrainingOutcome outcome = train(folder, plan);
        List<Double> losses = losses(folder);
        Map<String, String> hashes = hashes(folder);

        assertThat(outcome.status()).isEqualTo(TrainingOutcome.Status.COMPLETED);
        assertThat(losses).hasSize((int) STEPS).allMatch(Double::isFinite);
        assertThat(losses.get(losses.size() - 1)).isLessThan(0.9 * losses.get(0));

        List<org.apache.hadoop.fs.Path> checkpoints =
                Checkpoint.newestFirst(folder.hadoop(), folder.checkpoints(VARIANT));
        assertThat(checkpoints)
                .extracting(org.apache.hadoop.fs.Path::getName)
                .containsExactly("round-00000002", "round-00000001");
        folder.fileSystem().delete(checkpoints.get(0), true);
        train(folder, plan);

        assertThat(losses(folder)).isEqualTo(losses);
        assertThat(hashes(folder)).isEqualTo(hashes);
    }

    @ParameterizedTest
    @MethodSource("trainings")
    void oneWorkerIsOneMachine(Training training) throws IOException {
        RunFolder folder = folder("one");
        TrainingPlan plan = plan(training, LOCAL_STEPS + 1, 1);

        train(folder, plan);

        List<Double> losses = new ArrayList<>();
        assertThat(parameters(folder)).isEqualTo(onOneMachine(plan, losses));
        assertThat(losses(folder)).isEqualTo(losses);
    }

    private static TrainingPlan plan(Training training, long steps, int workers) {
        TrainingConfig config = new TrainingConfig(
                TrainingConfig.ADAMW, 4e-3, 4e-4, 1, steps, 0.9, 0.95, 1e-8, 0.1, 1, 0, 0.01, 1e-3, 2, 7);
        ClusterConfig cluster = new ClusterConfig(
                workers,
                workers,
                BLOCKS_PER_STEP,
                LOCAL_STEPS,
                InnerState.LOCAL,
                RoundPolicy.STRICT,
                OuterOptimizer.average(),
                1,
                2,
                true,
                1 << 22,
                0,
                "auto",
                Precision.FP32,
                WireFormat.FP32,
                false,
                true,
                Streaming.NONE,
                1);
        return new TrainingPlan(
                VARIANT,
                training.model(),
                config.withLearningRate(config.learningRate() * training.learningRateFactor()),
                cluster,
                world.dataset.folder(),
                "");
    }

    private static TrainingOutcome train(RunFolder folder, TrainingPlan plan) throws IOException {
        return new Trainer(world.spark(), folder, plan, TrainingListener.none()).train(true);
    }

    /** The same training without Spark: the parameters after the last step, and each step's loss. */
    private static ByteBuffer onOneMachine(TrainingPlan plan, List<Double> losses) {
        try (Backend backend = Backends.open("auto", 1);
                BlockReader reader = world.dataset.trainReader();
                Replica replica = new Replica(plan.model(), plan.training(), backend, SmallWorld.BLOCK_LENGTH)) {
            replica.initialise();
            for (long step = 0; step < plan.training().steps(); step++) {
                List<TrainingBlock> blocks = reader.read(step * BLOCKS_PER_STEP, (step + 1) * BLOCKS_PER_STEP).stream()
                        .map(block -> new TrainingBlock(block.number(), block.tokens(), block.documentStarts()))
                        .toList();
                losses.add(replica.step(step, blocks).loss());
            }
            ByteBuffer bytes = ByteBuffer.allocate(bytes(plan.model()));
            backend.memory().read(replica.decoder().parameters(), 0, bytes);
            return bytes.rewind();
        }
    }

    private static int bytes(DecoderConfig model) {
        return Math.toIntExact(model.parameters() * Float.BYTES);
    }

    private RunFolder folder(String name) throws IOException {
        return new RunFolder(new Configuration(), runs.resolve(name).toUri().toString());
    }

    private static List<Double> losses(RunFolder folder) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (JsonNode event : folder.metrics().read()) {
            if (event.path("event").asText().equals("step")) {
                losses.add(event.path("loss").doubleValue());
            }
        }
        return losses;
    }

    private static ByteBuffer parameters(RunFolder folder) throws IOException {
        Checkpoint checkpoint = newest(folder);
        ByteBuffer parameters = ByteBuffer.allocate(bytes(checkpoint.model()));
        checkpoint.readParameters(0, parameters);
        return parameters.rewind();
    }

    /** Of all files of the newest checkpoint: parameters and the state of each worker. */
    private static Map<String, String> hashes(RunFolder folder) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        for (FileRecord file : newest(folder).files()) {
            hashes.put(file.name(), file.sha256());
        }
        return hashes;
    }

    private static Checkpoint newest(RunFolder folder) throws IOException {
        return Checkpoint.newest(folder.hadoop(), folder.checkpoints(VARIANT), refused -> {
                    throw new AssertionError(refused);
                })
                .orElseThrow();
    }
}
