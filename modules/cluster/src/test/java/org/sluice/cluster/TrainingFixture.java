package org.sluice.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.ParameterLayout;
import org.sluice.model.checkpoint.Checkpoint;
import org.sluice.model.checkpoint.FileRecord;
import org.sluice.training.TrainingConfig;

/** Small trainings for tests, and what they left. */
final class TrainingFixture {
    static final DecoderConfig MODEL =
            new DecoderConfig(1, 16, 2, 1, 8, 24, 32, false, 10_000, 1e-6, 0.2, GateConfig.NONE);
    static final Set<String> TIMES = Set.of("tokensPerSecond", "computeSeconds", "exchangeSeconds", "seconds");

    private TrainingFixture() {}

    static TrainingConfig adamW(long steps) {
        return new TrainingConfig(TrainingConfig.ADAMW, 1e-2, 1e-3, 2, steps, 0.9, 0.95, 1e-8, 0.1, 1, 1e-3, 2, 11);
    }

    static TrainingConfig sgd(long steps) {
        return new TrainingConfig(TrainingConfig.SGD, 0.2, 0.02, 2, steps, 0, 0, 1e-8, 0, 0, 0, 2, 11);
    }

    static ClusterConfig cluster(int workers, int localSteps, OuterOptimizer outer, int checkpointRounds) {
        return new ClusterConfig(workers, 5, localSteps, outer, checkpointRounds, 2, 500, 2, "auto", 1);
    }

    static TrainingPlan plan(TrainingConfig training, ClusterConfig cluster) {
        return new TrainingPlan("baseline", MODEL, training, cluster, "synthetic");
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

    /** The events of a run without what the clock measures. */
    static List<JsonNode> events(RunFolder folder) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (JsonNode event : folder.metrics().read()) {
            events.add(((ObjectNode) event).without(TIMES));
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
