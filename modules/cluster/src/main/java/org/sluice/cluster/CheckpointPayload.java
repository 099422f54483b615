package org.sluice.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.sluice.cluster.control.BlockLedger;
import org.sluice.cluster.control.Milestone;
import org.sluice.cluster.control.ReturnedBlocks;
import org.sluice.model.DecoderConfig;

/**
 * What a checkpoint says beside its tensors: {@code variant}, {@code round}, {@code step}, {@code tokens}, {@code trainSeconds},
 * {@code nextBlock} and {@code returnedBlocks} (which positions of the sequence of all blocks are counted, see {@link BlockLedger}),
 * {@code coresPerWorker}, {@code training},
 * {@code cluster}, {@code dataset}, {@code start} (with {@code from} if training started from weights).
 */
final class CheckpointPayload {
    private static final String SLICE_ELEMENTS = "cluster.sliceElements";

    /** What may differ beside {@link ClusterConfig#MAY_CHANGE}: where training runs, and where its dataset lies. */
    private static final List<String> FREE = Stream.concat(
                    ClusterConfig.MAY_CHANGE.stream().map("cluster."::concat),
                    Stream.of("cluster.backend", "dataset.folder"))
            .toList();

    /** Of a dense model nothing depends on them, and its checkpoints do not have them. */
    private static final List<String> ROUTER_WEIGHTS = List.of("loadBalanceWeight", "routerZLossWeight");

    /** Checkpoints do not have them where they are as they were before there was a choice. */
    private static final String INNER_STATE = "innerState";

    private static final String WIRE_FORMAT = "wireFormat";

    private static final String PARTIAL_SUMS = "partialSums";

    private static final String EXPERT_WEIGHTING = "expertWeighting";

    private static final String STREAMING = "streaming";
    private static final List<String> SCHEDULE = List.of("schedule", "finalLearningRate");

    private static final ObjectMapper JSON = new ObjectMapper();

    private CheckpointPayload() {}

    static JsonNode of(TrainingPlan plan, BlockSource blocks, Milestone milestone, int coresPerWorker) {
        Progress progress = Progress.of(milestone, plan.cluster().blocksPerStep(), blocks.blockLength());
        ObjectNode payload = JSON.createObjectNode();
        payload.put("variant", plan.variant());
        payload.put("round", progress.round());
        payload.put("step", progress.step());
        payload.put("tokens", progress.tokens());
        payload.put("trainSeconds", progress.trainSeconds());
        payload.put("nextBlock", milestone.ledger().next());
        payload.set("returnedBlocks", JSON.valueToTree(milestone.ledger().returned()));
        payload.put("coresPerWorker", coresPerWorker);
        payload.setAll(fixed(plan, blocks));
        return payload;
    }

    static Milestone milestone(JsonNode payload) {
        List<ReturnedBlocks> returned = new ArrayList<>();
        payload.path("returnedBlocks").forEach(entry -> returned.add(JSON.convertValue(entry, ReturnedBlocks.class)));
        return new Milestone(
                payload.path("round").asLong(),
                new BlockLedger(payload.path("nextBlock").asLong(), returned),
                payload.path("trainSeconds").asDouble());
    }

    static int coresPerWorker(JsonNode payload) {
        return payload.path("coresPerWorker").asInt(1);
    }

    /**
     * Compares a checkpoint with the plan to go on with.
     *
     * @throws ResumeMismatchException if they differ in anything that the trained numbers depend on
     */
    static void requireSame(
            String folder, JsonNode payload, DecoderConfig model, TrainingPlan plan, BlockSource blocks) {
        List<String> differences = new ArrayList<>();
        if (!model.equals(plan.model())) {
            differences.add("model: " + model + " in the checkpoint, " + plan.model() + " here");
        }
        Map<String, String> stored = new TreeMap<>();
        Map<String, String> asked = new TreeMap<>();
        ObjectNode now = fixed(plan, blocks);
        now.fieldNames().forEachRemaining(section -> {
            flatten(section, payload.path(section), stored);
            flatten(section, now.path(section), asked);
        });
        TreeSet<String> keys = new TreeSet<>(stored.keySet());
        keys.addAll(asked.keySet());
        keys.removeIf(key -> FREE.stream().anyMatch(free -> (key + ".").startsWith(free + ".")));
        if (sizeOfSlicesCounts(plan.cluster().wireFormat(), stored, asked)) {
            keys.add(SLICE_ELEMENTS);
        }
        for (String key : keys) {
            if (!asked.getOrDefault(key, "nothing").equals(stored.getOrDefault(key, "nothing"))) {
                differences.add(key + ": " + stored.getOrDefault(key, "nothing") + " in the checkpoint, "
                        + asked.getOrDefault(key, "nothing") + " here");
            }
        }
        if (!differences.isEmpty()) {
            throw new ResumeMismatchException(
                    "training cannot go on from " + folder + ", which is of another training: "
                            + String.join("; ", differences)
                            + ". Resume with the settings of the checkpoint, or train under another run name");
        }
    }

    /** The blocks of int8 begin anew with each slice, so that slices which do not end with a block have others. */
    private static boolean sizeOfSlicesCounts(
            WireFormat format, Map<String, String> stored, Map<String, String> asked) {
        return format == WireFormat.INT8
                && Stream.of(stored, asked)
                        .anyMatch(values ->
                                Long.parseLong(values.getOrDefault(SLICE_ELEMENTS, "0")) % WireCodec.BLOCK != 0);
    }

    private static ObjectNode fixed(TrainingPlan plan, BlockSource blocks) {
        ObjectNode sections = JSON.createObjectNode();
        ObjectNode training = JSON.valueToTree(plan.training());
        if (!plan.model().mixture().isPresent()) {
            training.remove(ROUTER_WEIGHTS);
        }
        sections.set("training", training);
        sections.set("cluster", cluster(plan.cluster()));
        sections.putObject("dataset")
                .put("folder", blocks.name())
                .put("hash", blocks.hash())
                .put("trainBlocks", blocks.trainBlocks())
                .put("blockLength", blocks.blockLength());
        ObjectNode start = sections.putObject("start");
        if (plan.startsFromWeights()) {
            start.put("from", plan.startFrom());
        }
        return sections;
    }

    private static ObjectNode cluster(ClusterConfig config) {
        ObjectNode cluster = JSON.valueToTree(config);
        if (config.wireFormat() == WireFormat.FP32) {
            cluster.remove(WIRE_FORMAT);
        }
        if (config.innerState() == InnerState.LOCAL) {
            cluster.remove(INNER_STATE);
        }
        if (!config.partialSums()) {
            cluster.remove(PARTIAL_SUMS);
        }
        if (config.expertWeighting()) {
            cluster.remove(EXPERT_WEIGHTING);
        }
        if (!config.streaming().isOn()) {
            cluster.remove(STREAMING);
        }
        if (config.outer().schedule().equals(OuterOptimizer.CONSTANT)) {
            ((ObjectNode) cluster.path("outer")).remove(SCHEDULE);
        }
        return cluster;
    }

    private static void flatten(String path, JsonNode node, Map<String, String> values) {
        if (node.isObject()) {
            node.fieldNames().forEachRemaining(name -> flatten(path + "." + name, node.path(name), values));
        } else if (!node.isMissingNode()) {
            values.put(path, node.asText());
        }
    }
}
