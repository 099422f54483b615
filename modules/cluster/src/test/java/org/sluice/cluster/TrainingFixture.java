package org.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.sluice.cluster.control.RoundPolicy;
import org.sluice.model.DecoderConfig;
import org.sluice.model.MixtureConfig;
import org.sluice.model.ParameterLayout;
import org.sluice.model.Presets;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.tensor.Backend;
import org.sluice.tensor.Backends;
import org.sluice.tensor.Precision;
import org.sluice.training.Replica;
import org.sluice.training.StepResult;
import org.sluice.training.TrainingBlock;
import org.sluice.training.TrainingConfig;

/** Small trainings for tests, and what they left. */
final class TrainingFixture {
    static final DecoderConfig MODEL = Presets.TINY
            .change()
            .layers(1)
            .hidden(16)
            .heads(2)
            .kvHeads(1)
            .headDim(8)
            .ffn(24)
            .vocabulary(32)
            .tiedEmbedding(false)
            .initialStandardDeviation(0.2)
            .build();

    /** Two layers, each of 5 small experts of which a token meets 2. */
    static final DecoderConfig MIXTURE =
            MODEL.change().layers(2).ffn(12).mixture(MixtureConfig.of(5, 2)).build();

    /** What is measured, and differs from run to run. */
    static final Set<String> MEASURED =
            Set.of("tokensPerSecond", "computeSeconds", "exchangeSeconds", "seconds", "waitedSeconds");

    private TrainingFixture() {}

    static TrainingConfig adamW(long steps) {
        return adamW(steps, 11);
    }

    static TrainingConfig adamW(long steps, long seed) {
        return new TrainingConfig(
                TrainingConfig.ADAMW, 1e-2, 1e-3, 2, steps, 0.9, 0.95, 1e-8, 0.1, 1, 1e-3, 0.01, 1e-3, 2, seed);
    }

    static TrainingConfig sgd(long steps) {
        return new TrainingConfig(TrainingConfig.SGD, 0.2, 0.02, 2, steps, 0, 0, 1e-8, 0, 0, 0, 0.05, 0.01, 2, 11);
    }

    static ClusterConfig cluster(int workers, int localSteps, OuterOptimizer outer, int checkpointRounds) {
        return cluster(workers, localSteps, outer, checkpointRounds, WireFormat.FP32, false);
    }

    static ClusterConfig cluster(
            int workers,
            int localSteps,
            OuterOptimizer outer,
            int checkpointRounds,
            WireFormat format,
            boolean partialSums) {
        return new ClusterConfig(
                workers,
                workers,
                5,
                localSteps,
                InnerState.LOCAL,
                RoundPolicy.STRICT,
                outer,
                checkpointRounds,
                2,
                true,
                500,
                2,
                "auto",
                Precision.FP32,
                format,
                partialSums,
                true,
                Streaming.NONE,
                1);
    }

    /** The same, but training stands still while a checkpoint is written: which ones are there at a failure does not depend on the clock. */
    static ClusterConfig standingStill(ClusterConfig cluster) {
        return new ClusterChange(cluster).asynchronousCheckpoints(false).done();
    }

    static TrainingPlan plan(TrainingConfig training, ClusterConfig cluster) {
        return plan(MODEL, training, cluster);
    }

    static TrainingPlan plan(DecoderConfig model, TrainingConfig training, ClusterConfig cluster) {
        return new TrainingPlan("baseline", model, training, cluster, "synthetic");
    }

    /** A dense model or a mixture. */
    static DecoderConfig model(String name) {
        return name.equals("mixture") ? MIXTURE : MODEL;
    }

    static RunFolder folder(Path path) throws IOException {
        return new RunFolder(new Configuration(), path.toUri().toString());
    }

    /** Trains to the end. */
    static TrainingOutcome train(JavaSparkContext context, RunFolder folder, TrainingPlan plan, BlockSource blocks)
            throws IOException {
        return new Trainer(context, folder, plan, blocks, TrainingListener.none()).train(false);
    }

    /** Trains until a round is done. */
    static TrainingOutcome trainUntil(
            JavaSparkContext context, RunFolder folder, TrainingPlan plan, BlockSource blocks, long round)
            throws IOException {
        Trainer[] trainer = new Trainer[1];
        trainer[0] = new Trainer(context, folder, plan, blocks, new TrainingListener() {
            @Override
            public void round(Round done) {
                if (done.round() == round) {
                    trainer[0].requestStop();
                }
            }
        });
        return trainer[0].train(false);
    }

    /** The same training without Spark: the parameters after the last step, and each step's result. */
    static byte[] onOneMachine(
            DecoderConfig model, TrainingConfig training, SyntheticBlocks blocks, List<StepResult> results) {
        try (Backend backend = Backends.open("auto", 1);
                Replica replica = new Replica(model, training, backend, blocks.blockLength())) {
            replica.initialise();
            for (long step = 0; step < training.steps(); step++) {
                results.add(replica.step(step, blocks.range(step * 5, step * 5 + 5)));
            }
            return parameters(replica, backend);
        }
    }

    static byte[] parameters(Replica replica, Backend backend) {
        ByteBuffer bytes = ByteBuffer.allocate((int) replica.decoder().layout().elements() * Float.BYTES);
        backend.memory().read(replica.decoder().parameters(), 0, bytes);
        return bytes.array();
    }

    /** The mean loss of the newest checkpoint's parameters on some blocks. */
    static double loss(RunFolder folder, List<TrainingBlock> blocks) throws IOException {
        TrainingConfig training = adamW(2);
        try (Backend backend = Backends.open("auto", 1);
                Replica replica =
                        new Replica(MODEL, training, backend, blocks.get(0).tokens().length - 1)) {
            backend.memory()
                    .write(
                            ByteBuffer.wrap(parameters(folder)),
                            replica.decoder().parameters(),
                            0);
            // A step tells the loss of the parameters that it starts from.
            return replica.step(0, blocks).loss();
        }
    }

    /** Compares parameters to 1e-5 of their root mean square. */
    static void requireClose(byte[] found, byte[] expected) {
        FloatBuffer foundFloats = ArrayParticipant.floats(found);
        FloatBuffer expectedFloats = ArrayParticipant.floats(expected);
        double squares = 0;
        double difference = 0;
        while (expectedFloats.hasRemaining()) {
            double value = expectedFloats.get();
            squares += value * value;
            difference = Math.max(difference, Math.abs(value - foundFloats.get()));
        }
        assertThat(difference).isLessThan(1e-5 * Math.sqrt(squares / expectedFloats.capacity()));
    }

    /** The events of a run without what is measured. */
    static List<JsonNode> events(RunFolder folder) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (JsonNode event : folder.metrics().read()) {
            ObjectNode line = ((ObjectNode) event).without(MEASURED);
            // Workers that begin take whole slices where others take what changed.
            events.add(line.path("event").asText().equals("round") ? line.without("bytes") : line);
        }
        return events;
    }

    /** The bytes of the parameters in the newest checkpoint. */
    static byte[] parameters(RunFolder folder) throws IOException {
        Checkpoint checkpoint = Checkpoint.newest(folder.hadoop(), folder.checkpoints("baseline"), message -> {
                    throw new AssertionError(message);
                })
                .orElseThrow();
        ByteBuffer bytes = ByteBuffer.allocate(
                Math.toIntExact(ParameterLayout.of(checkpoint.model()).elements() * Float.BYTES));
        checkpoint.readParameters(0, bytes);
        return bytes.array();
    }

    /** The hashes of all files of the newest checkpoint: parameters, momentum and the state of each worker. */
    static Map<String, String> hashes(RunFolder folder) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        for (FileRecord file : Checkpoint.newest(folder.hadoop(), folder.checkpoints("baseline"), message -> {})
                .orElseThrow()
                .files()) {
            hashes.put(file.name(), file.sha256());
        }
        return hashes;
    }
}
