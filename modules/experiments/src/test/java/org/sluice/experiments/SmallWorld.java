package org.sluice.experiments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.sluice.cluster.ClusterConfig;
import org.sluice.cluster.InnerState;
import org.sluice.cluster.OuterOptimizer;
import org.sluice.cluster.RecommendedSettings;
import org.sluice.cluster.Streaming;
import org.sluice.cluster.WireFormat;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.data.CorpusInput;
import org.sluice.data.DataConfig;
import org.sluice.data.Dataset;
import org.sluice.data.DatasetPreparation;
import org.sluice.data.PreparationListener;
import org.sluice.data.TokenizerConfig;
import org.sluice.model.DecoderConfig;
import org.sluice.model.Presets;
import org.sluice.tensor.Precision;
import org.sluice.training.TrainingConfig;

/** Spark in this JVM, a corpus of two domains made of few words, and a model that learns them in seconds. */
final class SmallWorld implements AutoCloseable {
    static final int BLOCK_LENGTH = 32;
    static final int SEQUENCES = 3;
    private static final List<String> WORDS =
            List.of("sluice", "gate", "water", "opens", "closes", "river", "lets", "through", "what", "is", "needed");

    final SparkSession session;
    final Dataset dataset;

    private SmallWorld(SparkSession session, Dataset dataset) {
        this.session = session;
        this.dataset = dataset;
    }

    static SmallWorld create(Path folder, double heldOutFraction) {
        SparkConf settings = RecommendedSettings.applyTo(new SparkConf())
                .setMaster("local[2]")
                .setAppName("experiments")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "localhost")
                .set("spark.sql.shuffle.partitions", "2");
        SparkSession session = SparkSession.builder().config(settings).getOrCreate();
        return new SmallWorld(session, prepare(session, folder, heldOutFraction));
    }

    static Dataset prepare(SparkSession session, Path folder, double heldOutFraction) {
        writeCorpus(folder.resolve("prose"), "", "\n", 1);
        writeCorpus(folder.resolve("code"), "call(", ");\n", 2);
        DataConfig small = DataConfig.of(
                folder.resolve("dataset").toString(),
                List.of(
                        CorpusInput.of("prose", folder.resolve("prose").toString()),
                        CorpusInput.of("code", folder.resolve("code").toString())),
                TokenizerConfig.trained(300),
                BLOCK_LENGTH,
                11);
        DataConfig config = new DataConfig(
                small.output(),
                small.inputs(),
                small.tokenizer(),
                small.blockLength(),
                heldOutFraction,
                small.seed(),
                64,
                small.dropDuplicates(),
                small.maximumDocumentBytes());
        return DatasetPreparation.prepare(session, config, false, PreparationListener.none());
    }

    private static void writeCorpus(Path folder, String before, String after, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        try {
            Files.createDirectories(folder);
            for (int document = 0; document < 60; document++) {
                StringBuilder text = new StringBuilder();
                for (int line = 0; line < 12; line++) {
                    text.append(before);
                    for (int word = 0; word < 6; word++) {
                        text.append(WORDS.get(random.nextInt(WORDS.size()))).append(' ');
                    }
                    text.append(after);
                }
                Files.writeString(folder.resolve("document-" + document + ".txt"), text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JavaSparkContext spark() {
        return JavaSparkContext.fromSparkContext(session.sparkContext());
    }

    DecoderConfig model() {
        return Presets.TINY
                .change()
                .layers(2)
                .hidden(16)
                .heads(2)
                .kvHeads(1)
                .headDim(8)
                .ffn(48)
                .vocabulary(dataset.vocabulary())
                .build();
    }

    EvaluationConfig evaluation(long blocks) {
        return new EvaluationConfig("auto", SEQUENCES, blocks);
    }

    ComparisonPlan plan(String... variants) {
        TrainingConfig training =
                new TrainingConfig("adamw", 0.02, 0.002, 2, 12, 0.9, 0.95, 1e-8, 0.1, 1, 0, 0.01, 0.001, 2, 7);
        ClusterConfig cluster = new ClusterConfig(
                2,
                2,
                4,
                2,
                InnerState.LOCAL,
                RoundPolicy.STRICT,
                new OuterOptimizer(OuterOptimizer.AVERAGE, 1, 0),
                2,
                2,
                true,
                1 << 12,
                3,
                "auto",
                Precision.FP32,
                WireFormat.FP32,
                false,
                true,
                Streaming.NONE,
                1);
        return new ComparisonPlan(
                model(),
                Arrays.stream(variants).map(Variant::named).toList(),
                true,
                training,
                cluster,
                evaluation(20),
                true,
                dataset.folder(),
                Map.of());
    }

    @Override
    public void close() {
        session.stop();
    }
}
