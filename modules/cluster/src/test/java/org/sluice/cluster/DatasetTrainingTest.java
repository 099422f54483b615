package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.sluice.cluster.preflight.PreflightException;
import org.sluice.data.CorpusInput;
import org.sluice.data.DataConfig;
import org.sluice.data.Dataset;
import org.sluice.data.DatasetPreparation;
import org.sluice.data.PreparationListener;
import org.sluice.data.TokenizerConfig;

/** From text files to a trained model, with the dataset that executors really read. */
@Tag("slow")
@Timeout(120)
class DatasetTrainingTest {
    private static final long SEED = 20_261;

    @TempDir
    Path temporary;

    @Test
    void aPreparedDatasetIsTrainedOnAndADamagedShardIsFoundBefore() throws IOException {
        System.out.println("seed " + SEED);
        writeCorpus(temporary.resolve("corpus"));
        try (JavaSparkContext context = SparkSessions.local(2)) {
            SparkSession spark =
                    SparkSession.builder().sparkContext(context.sc()).getOrCreate();
            Dataset dataset = DatasetPreparation.prepare(
                    spark,
                    new DataConfig(
                            temporary.resolve("dataset").toString(),
                            List.of(CorpusInput.of("prose", temporary.resolve("corpus") + "/*.txt")),
                            TokenizerConfig.trained(300),
                            16,
                            0.2,
                            SEED,
                            DataConfig.DEFAULT_BLOCKS_PER_SHARD,
                            true,
                            DataConfig.DEFAULT_MAXIMUM_DOCUMENT_BYTES),
                    false,
                    PreparationListener.none());
            TrainingPlan plan = new TrainingPlan(
                    "baseline",
                    TrainingFixture.MODEL.withVocabulary(dataset.vocabulary()),
                    TrainingFixture.adamW(12),
                    TrainingFixture.cluster(2, 3, OuterOptimizer.average(), 2),
                    dataset.folder());
            RunFolder folder = TrainingFixture.folder(temporary.resolve("run"));
            double before = firstLoss(context, folder, plan);
            assertThat(before).isBetween(Math.log(300) - 1.5, Math.log(300) + 1.5);
            TrainingOutcome outcome = new Trainer(context, folder, plan, TrainingListener.none()).train(true);
            assertThat(outcome.progress().step()).isEqualTo(12);
            assertThat(outcome.finalLoss()).isLessThan(before);

            flipOneByteOfEachTrainShard();
            RunFolder damaged = TrainingFixture.folder(temporary.resolve("damaged"));
            assertThatThrownBy(() -> new Trainer(context, damaged, plan, TrainingListener.none()).train(false))
                    .isInstanceOf(PreflightException.class)
                    .hasMessageContaining("damaged")
                    .hasMessageContaining(".parquet");
        }
    }

    /** Trains one round, as a stop that comes early would. */
    private static double firstLoss(JavaSparkContext context, RunFolder folder, TrainingPlan plan) throws IOException {
        Trainer[] trainer = new Trainer[1];
        trainer[0] = new Trainer(context, folder, plan, new TrainingListener() {
            @Override
            public void round(Round round) {
                trainer[0].requestStop();
            }
        });
        assertThat(trainer[0].train(false).progress().round()).isEqualTo(1);
        return folder.metrics().read().get(0).path("loss").asDouble();
    }

    private static void writeCorpus(Path folder) throws IOException {
        Files.createDirectories(folder);
        SplittableRandom random = new SplittableRandom(SEED);
        List<String> words = List.of("the", "gate", "lets", "water", "through", "when", "it", "is", "needed", "sink");
        for (int document = 0; document < 60; document++) {
            String text = IntStream.range(0, 150)
                    .mapToObj(word -> words.get(random.nextInt(words.size())))
                    .collect(Collectors.joining(" "));
            Files.writeString(folder.resolve("document-" + document + ".txt"), text + "\n");
        }
    }

    private void flipOneByteOfEachTrainShard() throws IOException {
        try (Stream<Path> files = Files.walk(temporary.resolve("dataset/train"))) {
            for (Path shard :
                    files.filter(file -> file.toString().endsWith(".parquet")).toList()) {
                byte[] bytes = Files.readAllBytes(shard);
                bytes[bytes.length / 2] ^= 1;
                Files.write(shard, bytes);
            }
        }
    }
}
