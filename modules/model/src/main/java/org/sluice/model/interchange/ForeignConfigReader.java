package org.sluice.model.interchange;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.sluice.model.DecoderConfig;
import org.sluice.model.RopeConfig;
import org.sluice.model.checkpoint.CheckpointFormatException;
import org.sluice.model.checkpoint.ModelConfigJson;

/**
 * Reads the {@code config.json} of any format, whoever wrote it: turns it into that of a checkpoint, in which nothing is left to a default,
 * and reads that.
 *
 * <p>What the key of a gate's presence leaves open, the shapes of the weights say: a reader of the weights compares them all.
 */
final class ForeignConfigReader {
    static final String GATE_LAYOUT = "attn_output_gate_layout";
    static final String EXPERTS_LAYOUT = "experts_layout";
    static final String SHARED_EXPERT = "shared_expert_intermediate_size";
    static final String SLUICE = "sluice";
    private static final String ELEMENTWISE = "elementwise_attn_output_gate";
    private static final String HEADWISE = "headwise_attn_output_gate";
    private static final String MODEL_TYPE = "model_type";
    private static final String ROPE_SCALING = "rope_scaling";
    private static final String ROPE_PARAMETERS = "rope_parameters";
    private static final String ROPE_THETA = "rope_theta";
    private static final String PARTIAL_ROTARY = "partial_rotary_factor";
    private static final String ATTENTION_FACTOR = "attention_factor";
    private static final String ORIGINAL_LENGTH = "original_max_position_embeddings";
    private static final String EXPERTS = "num_experts";
    private static final Map<String, ForeignFormat> BY_MODEL_TYPE = Map.of(
            "qwen3",
            ForeignFormat.QWEN3,
            "qwen3_moe",
            ForeignFormat.QWEN3_MOE,
            "qwen3_next",
            ForeignFormat.QWEN3_NEXT,
            SLUICE,
            ForeignFormat.SLUICE);
    private static final Set<String> YARN_KEYS = Set.of(
            "rope_type",
            "type",
            "factor",
            ORIGINAL_LENGTH,
            "beta_fast",
            "beta_slow",
            ATTENTION_FACTOR,
            "truncate",
            ROPE_THETA,
            PARTIAL_ROTARY);

    private final ObjectNode root;
    private final String file;

    /** What a {@code config.json} describes. */
    record Described(DecoderConfig model, ForeignFormat format) {}

    private ForeignConfigReader(ObjectNode root, String file) {
        this.root = root;
        this.file = file;
    }

    /**
     * Reads a {@code config.json}.
     *
     * @param file for messages
     * @throws CheckpointFormatException if a key is missing, or the file describes a model that Sluice does not have
     */
    static Described read(byte[] bytes, String file) throws CheckpointFormatException {
        return new ForeignConfigReader(ModelConfigJson.parse(bytes, file), file).described();
    }

    private Described described() throws CheckpointFormatException {
        String type = root.path(MODEL_TYPE).asText();
        ForeignFormat format = BY_MODEL_TYPE.get(type);
        if (format == null) {
            throw refused(MODEL_TYPE, "one of " + String.join(", ", new TreeSet<>(BY_MODEL_TYPE.keySet())));
        }
        expect("use_sliding_window", false);
        expect("attention_bias", false);
        if (format == ForeignFormat.SLUICE) {
            readSluice();
        } else {
            readQwen3(format);
        }
        return new Described(ModelConfigJson.fromTree(root, file), format);
    }

    private void readSluice() throws CheckpointFormatException {
        boolean mixture = root.has(EXPERTS);
        root.put(MODEL_TYPE, mixture ? "qwen3_moe" : "qwen3");
        if (mixture) {
            require(EXPERTS_LAYOUT, "split");
            root.put(EXPERTS_LAYOUT, "stacked");
        }
    }

    private void readQwen3(ForeignFormat format) throws CheckpointFormatException {
        for (String own : new String[] {"attention_modifiers", "sandwich_norm", "residual_clip", EXPERTS_LAYOUT}) {
            if (root.has(own)) {
                throw refused(
                        own, "no such key where model_type is not '" + SLUICE + "'; is this a checkpoint already?");
            }
        }
        setDefault("use_qk_norm", true);
        setDefault("qkv_bias", false);
        setDefault("initializer_range", 0.02);
        readRope();
        if (format == ForeignFormat.QWEN3_NEXT) {
            readQwen3Next();
        }
        if (root.has(EXPERTS)) {
            root.put(EXPERTS_LAYOUT, "stacked");
            setDefault("decoder_sparse_step", 1);
            if (!root.hasNonNull("mlp_only_layers")) {
                root.putArray("mlp_only_layers");
            }
        }
        setDefault(ELEMENTWISE, false);
        setDefault(HEADWISE, false);
        boolean gated =
                root.path(ELEMENTWISE).asBoolean() || root.path(HEADWISE).asBoolean();
        if (gated && format == ForeignFormat.QWEN3_MOE) {
            throw refused(
                    root.path(ELEMENTWISE).asBoolean() ? ELEMENTWISE : HEADWISE,
                    "false: no format is known for a gated mixture of this model_type");
        }
        if (root.has(GATE_LAYOUT)) {
            require(GATE_LAYOUT, format.layout().key());
        }
        if (gated) {
            root.put(GATE_LAYOUT, GateLayout.SEPARATE.key());
        }
    }

    private void readQwen3Next() throws CheckpointFormatException {
        JsonNode layers = root.path("layer_types");
        boolean full = layers.size() == root.path("num_hidden_layers").asInt();
        for (JsonNode layer : layers) {
            full &= layer.asText().equals("full_attention");
        }
        if (!full) {
            throw refused("layer_types", "full_attention for each of the layers: Sluice has no linear attention");
        }
        if (root.path(PARTIAL_ROTARY).asDouble(0) != 1) {
            throw refused(PARTIAL_ROTARY, "1: Sluice turns all of a head's values");
        }
        expect("attn_output_gate", true);
        expect(HEADWISE, false);
        root.put(ELEMENTWISE, true);
        if (root.path(EXPERTS).asInt(-1) == 0) {
            root.remove(EXPERTS);
            root.put(MODEL_TYPE, "qwen3");
        } else {
            require(SHARED_EXPERT, Integer.toString(TensorMap.SHARED_EXPERT_WIDTH));
            root.put(MODEL_TYPE, "qwen3_moe");
        }
    }

    /** Newer files have {@code rope_parameters} with the base in it, older ones {@code rope_theta} and {@code rope_scaling}. */
    private void readRope() throws CheckpointFormatException {
        JsonNode rope = root.path(ROPE_PARAMETERS);
        if (rope.isObject()) {
            for (String key : new String[] {ROPE_THETA, PARTIAL_ROTARY}) {
                if (rope.has(key)) {
                    root.set(key, rope.get(key));
                }
            }
            root.set(ROPE_SCALING, rope);
        }
        JsonNode scaling = root.path(ROPE_SCALING);
        String type = scaling.path("rope_type").asText(scaling.path("type").asText("default"));
        if (type.equals("default")) {
            root.set(ROPE_SCALING, NullNode.getInstance());
        } else if (type.equals("yarn")) {
            root.set(ROPE_SCALING, yarn((ObjectNode) scaling));
        } else {
            throw refused(ROPE_SCALING, "the rope_type default or yarn");
        }
    }

    private ObjectNode yarn(ObjectNode given) throws CheckpointFormatException {
        for (Map.Entry<String, JsonNode> field : given.properties()) {
            if (!YARN_KEYS.contains(field.getKey())) {
                throw refused(ROPE_SCALING, "no key '" + field.getKey() + "', which Sluice's YaRN does not have");
            }
        }
        ObjectNode yarn = given.deepCopy();
        yarn.put("rope_type", "yarn");
        if (!given.hasNonNull(ORIGINAL_LENGTH) && root.has("max_position_embeddings")) {
            yarn.set(ORIGINAL_LENGTH, root.get("max_position_embeddings"));
        }
        yarn.put("beta_fast", given.path("beta_fast").asDouble(32));
        yarn.put("beta_slow", given.path("beta_slow").asDouble(1));
        double factor = new RopeConfig.Yarn(Math.max(1, given.path("factor").asDouble(1)), 1, 32, 1).attentionFactor();
        if (Math.abs(given.path(ATTENTION_FACTOR).asDouble(factor) - factor) > 1e-9) {
            throw refused(ROPE_SCALING, "the attention_factor 0.1 ln(factor) + 1, which is " + factor);
        }
        if (!given.path("truncate").asBoolean(true)) {
            throw refused(ROPE_SCALING, "truncate true");
        }
        return yarn;
    }

    /** A flag that may be left out where it has the value that Sluice has. */
    private void expect(String key, boolean value) throws CheckpointFormatException {
        if (root.hasNonNull(key) && root.get(key).asBoolean(!value) != value) {
            throw refused(key, Boolean.toString(value));
        }
    }

    private void require(String key, String expected) throws CheckpointFormatException {
        if (!root.path(key).asText().equals(expected)) {
            throw refused(key, expected);
        }
    }

    private void setDefault(String key, boolean value) {
        if (!root.hasNonNull(key)) {
            root.put(key, value);
        }
    }

    private void setDefault(String key, double value) {
        if (!root.hasNonNull(key)) {
            root.put(key, value);
        }
    }

    private void setDefault(String key, int value) {
        if (!root.hasNonNull(key)) {
            root.put(key, value);
        }
    }

    private CheckpointFormatException refused(String key, String expected) {
        return new CheckpointFormatException(
                file + (root.has(key) ? " has " + key + " " + root.get(key) : " has no " + key)
                        + ", which cannot be imported; expected " + expected);
    }
}
