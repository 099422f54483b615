package org.sluice.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.RunFolder;
import org.sluice.cluster.Trainer;
import org.sluice.cluster.TrainingListener;
import org.sluice.data.BlockReader;
import org.sluice.data.Dataset;
import org.sluice.data.TokenBlock;
import org.sluice.evaluation.EvaluationResult;
import org.sluice.evaluation.Evaluator;
import org.sluice.evaluation.PartialEvaluation;
import org.sluice.model.Decoder;
import org.sluice.model.DecoderConfig;
import org.sluice.model.DecoderMode;
import org.sluice.model.checkpoint.CheckpointCorruptException;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.DType;

class DistributedEvaluationTest {
    private static SmallWorld world;

    @TempDir
    private static Path corpus;

    @BeforeAll
    static void start() {
        world = SmallWorld.create(corpus, 0.2);
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @Test
    void tasksGiveTheBitsOfOneMachine() {
        DecoderConfig model = Variant.named("sdpa-headwise").of(world.model(), true);
        List<Long> progress = new ArrayList<>();

        EvaluationOutcome outcome = evaluation(1000)
                .ofUntrained(model, 5, progress::add, () -> false)
                .orElseThrow();

        assertThat(outcome.result()).isEqualTo(onOneMachine(model, 5));
        assertThat(outcome.result().domains()).containsOnlyKeys("code", "prose");
        assertThat(outcome.result().blocks()).isEqualTo(world.dataset.heldOutBlocks());
        assertThat(outcome.backends()).hasSize(1);
        assertThat(progress).isSorted().endsWith(world.dataset.heldOutBlocks());
    }

    @Test
    void aLimitKeepsEveryDomain() {
        EvaluationResult result = evaluation(6)
                .ofUntrained(world.model(), 5, done -> {}, () -> false)
                .orElseThrow()
                .result();

        assertThat(result.blocks()).isBetween(5L, 7L);
        assertThat(result.domains()).containsOnlyKeys("code", "prose");
    }

    @Test
    void aCheckpointIsEvaluatedAsItWasTrained(@TempDir Path runs) throws IOException {
        ComparisonPlan plan = world.plan("baseline");
        RunFolder folder = new RunFolder(
                world.spark().hadoopConfiguration(), runs.resolve("run").toString());
        String checkpoint = new Trainer(
                        world.spark(), folder, plan.trainingPlan(plan.variants().get(0)), TrainingListener.none())
                .train(false)
                .checkpoint();
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(checkpoint);

        EvaluationResult trained = evaluation(1000)
                .ofCheckpoint(path, done -> {}, () -> false)
                .orElseThrow()
                .result();
        EvaluationResult untrained = evaluation(1000)
                .ofUntrained(world.model(), plan.training().seed(), done -> {}, () -> false)
                .orElseThrow()
                .result();

        assertThat(trained.heldOutLoss()).isLessThan(untrained.heldOutLoss() - 1);
        flipAByteOfTheModel(Path.of(path.toUri().getPath()));
        assertThatThrownBy(() -> evaluation(1000).ofCheckpoint(path, done -> {}, () -> false))
                .isInstanceOf(CheckpointCorruptException.class)
                .hasMessageContaining("model.safetensors");
    }

    @Test
    void aModelOfAnotherVocabularyIsRefused() {
        DecoderConfig other = world.model().withVocabulary(100);

        assertThatThrownBy(() -> evaluation(10).ofUntrained(other, 5, done -> {}, () -> false))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("knows 100 tokens")
                .hasMessageContaining("has " + world.dataset.vocabulary());
    }

    @Test
    void aFailureInATaskSaysWhatAndWhy() {
        DistributedEvaluation evaluation = new DistributedEvaluation(
                world.spark(), world.dataset, new EvaluationConfig("abacus", SmallWorld.SEQUENCES, 10));

        assertThatThrownBy(() -> evaluation.ofUntrained(world.model(), 5, done -> {}, () -> false))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("the untrained model of seed 5")
                .hasMessageContaining("no backend 'abacus'");
    }

    @Test
    void aDatasetWithoutHeldOutTextIsRefused(@TempDir Path folder) {
        Dataset empty = SmallWorld.prepare(world.session, folder, 0);
        DistributedEvaluation evaluation = new DistributedEvaluation(world.spark(), empty, world.evaluation(10));

        assertThatThrownBy(() -> evaluation.ofUntrained(
                        world.model().withVocabulary(empty.vocabulary()), 5, done -> {}, () -> false))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("no held-out blocks");
    }

    private static DistributedEvaluation evaluation(long blocks) {
        return new DistributedEvaluation(world.spark(), world.dataset, world.evaluation(blocks));
    }

    /** Batch by batch, as tasks do, but one after the other in this thread. */
    private static EvaluationResult onOneMachine(DecoderConfig model, long seed) {
        int sequences = SmallWorld.SEQUENCES;
        try (Backend backend = Backends.open("auto", 1);
                Decoder decoder = new Decoder(
                        model, backend, DType.FLOAT32, sequences, SmallWorld.BLOCK_LENGTH, DecoderMode.EVALUATION);
                BlockReader reader = world.dataset.heldOutReader()) {
            decoder.initialise(seed);
            PartialEvaluation whole = PartialEvaluation.empty(model);
            for (long from = 0; from < reader.blocks(); from += sequences) {
                List<TokenBlock> batch = reader.read(from, Math.min(reader.blocks(), from + sequences));
                whole = whole.merge(
                        new Evaluator(backend, sequences, SmallWorld.BLOCK_LENGTH).evaluate(decoder, batch.iterator()));
            }
            return whole.result();
        }
    }

    private static void flipAByteOfTheModel(Path folder) throws IOException {
        Path file;
        try (Stream<Path> files = Files.list(folder)) {
            file = files.filter(each -> each.getFileName().toString().equals("model.safetensors"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.deleteIfExists(folder.resolve(".model.safetensors.crc"));
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(bytes.length() - 10);
            int value = bytes.read();
            bytes.seek(bytes.length() - 10);
            bytes.write(value ^ 1);
        }
    }
}
