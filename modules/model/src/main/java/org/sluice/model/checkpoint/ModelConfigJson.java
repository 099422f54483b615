package org.sluice.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.sluice.model.AttentionModifier;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.GateGranularity;
import org.sluice.model.GateSource;
import org.sluice.model.MixtureConfig;
import org.sluice.model.RopeConfig;

/**
 * A model's shape as {@code config.json}, with the keys of Hugging Face's Qwen3 and Qwen3-MoE and those of the published gated models.
 *
 * <p>Whether there is a gate is always written, and must be there to be read: a reader that overlooked a gate would compute another
 * model from the same weights. The gate's weights are a projection of their own ({@code self_attn.gate_proj.weight}), which
 * {@code attn_output_gate_layout} says. {@code attention_modifiers} has what stands at every position of attention; a file without it
 * has the published gates only, which the two flags say.
 */
public final class ModelConfigJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String DENSE = "qwen3";
    private static final String MIXTURE = "qwen3_moe";
    private static final String ELEMENTWISE = "elementwise_attn_output_gate";
    private static final String HEADWISE = "headwise_attn_output_gate";
    private static final String GATE_LAYOUT = "attn_output_gate_layout";
    private static final String SEPARATE = "separate";
    private static final String EXPERTS_LAYOUT = "experts_layout";
    private static final String STACKED = "stacked";
    private static final String MODIFIERS = "attention_modifiers";
    private static final String SANDWICH_NORM = "sandwich_norm";
    private static final String RESIDUAL_CLIP = "residual_clip";
    private static final String ROPE_SCALING = "rope_scaling";

    private ModelConfigJson() {}

    /** The bytes of {@code config.json}. */
    public static byte[] write(DecoderConfig model) {
        return bytes(toTree(model));
    }

    /** What {@link #write} writes, before it is text. */
    public static ObjectNode toTree(DecoderConfig model) {
        boolean mixture = model.mixture().isPresent();
        ObjectNode root = JSON.createObjectNode();
        root.putArray("architectures").add(mixture ? "Qwen3MoeForCausalLM" : "Qwen3ForCausalLM");
        root.put("model_type", mixture ? MIXTURE : DENSE);
        root.put("num_hidden_layers", model.layers());
        root.put("hidden_size", model.hidden());
        root.put("num_attention_heads", model.heads());
        root.put("num_key_value_heads", model.kvHeads());
        root.put("head_dim", model.headDim());
        root.put("intermediate_size", model.ffn());
        root.put("vocab_size", model.vocabulary());
        root.put("tie_word_embeddings", model.tiedEmbedding());
        root.put("rms_norm_eps", model.normEpsilon());
        root.put("initializer_range", model.initialStandardDeviation());
        root.put("hidden_act", "silu");
        root.put("use_qk_norm", true);
        root.put("qkv_bias", false);
        root.put("attention_bias", false);
        root.put("attention_dropout", 0.0);
        writeRope(model.rope(), root);
        writeMixture(model, root);
        writeAttention(model, root);
        return root;
    }

    /** A tree as a file: indented, one key a line. */
    public static byte[] bytes(ObjectNode root) {
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree could not be written as JSON", impossible);
        }
    }

    private static void writeRope(RopeConfig rope, ObjectNode root) {
        root.put("rope_theta", rope.base());
        if (!rope.yarn().isPresent()) {
            root.putNull(ROPE_SCALING);
            return;
        }
        ObjectNode scaling = root.putObject(ROPE_SCALING);
        scaling.put("rope_type", "yarn");
        scaling.put("factor", rope.yarn().factor());
        scaling.put("original_max_position_embeddings", rope.yarn().originalLength());
        scaling.put("beta_fast", rope.yarn().betaFast());
        scaling.put("beta_slow", rope.yarn().betaSlow());
    }

    private static void writeMixture(DecoderConfig model, ObjectNode root) {
        if (model.mixture().isPresent()) {
            root.put("moe_intermediate_size", model.ffn());
            root.put("num_experts", model.mixture().experts());
            root.put("num_experts_per_tok", model.mixture().chosen());
            root.put("norm_topk_prob", model.mixture().normalised());
            root.put("decoder_sparse_step", 1);
            root.putArray("mlp_only_layers");
            root.put(EXPERTS_LAYOUT, STACKED);
        }
    }

    private static void writeAttention(DecoderConfig model, ObjectNode root) {
        root.put(ELEMENTWISE, hasPublishedGate(model.modifiers(), GateGranularity.ELEMENTWISE));
        root.put(HEADWISE, hasPublishedGate(model.modifiers(), GateGranularity.HEADWISE));
        if (model.gates().stream().anyMatch(gate -> gate.source() != GateSource.SELF)) {
            root.put(GATE_LAYOUT, SEPARATE);
        }
        AttentionModifiersJson.write(model.modifiers(), root.putArray(MODIFIERS));
        root.put(SANDWICH_NORM, model.sandwichNorm());
        root.put(RESIDUAL_CLIP, model.residualClip());
    }

    private static boolean hasPublishedGate(List<AttentionModifier> modifiers, GateGranularity granularity) {
        return modifiers.stream()
                .anyMatch(modifier ->
                        modifier instanceof GateConfig gate && gate.isPublished() && gate.granularity() == granularity);
    }

    /**
     * Reads what {@link #write} wrote, or Hugging Face for the same kind of model.
     *
     * @param file for messages
     * @throws CheckpointFormatException if a key is missing, or the file describes a model that Sluice does not have
     */
    public static DecoderConfig read(byte[] bytes, String file) throws CheckpointFormatException {
        return fromTree(parse(bytes, file), file);
    }

    /**
     * Reads the text of a {@code config.json}.
     *
     * @param file for messages
     * @throws CheckpointFormatException if it is not a JSON object
     */
    public static ObjectNode parse(byte[] bytes, String file) throws CheckpointFormatException {
        try {
            if (JSON.readTree(bytes) instanceof ObjectNode root) {
                return root;
            }
        } catch (JsonProcessingException notJson) {
            throw new CheckpointFormatException(file + " is not JSON: " + notJson.getOriginalMessage(), notJson);
        } catch (IOException unreadable) {
            throw new CheckpointFormatException(file + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
        throw new CheckpointFormatException(file + " is not a JSON object");
    }

    /**
     * Reads what {@link #toTree} made.
     *
     * @param file for messages
     * @throws CheckpointFormatException if a key is missing, or the tree describes a model that Sluice does not have
     */
    public static DecoderConfig fromTree(JsonNode root, String file) throws CheckpointFormatException {
        try {
            return new Reader(root, file).model();
        } catch (IllegalArgumentException wrong) {
            throw new CheckpointFormatException(file + " describes no model: " + wrong.getMessage(), wrong);
        }
    }

    private record Reader(JsonNode root, ModelConfigFields fields, String file) {

        Reader(JsonNode root, String file) {
            this(root, new ModelConfigFields(root, file), file);
        }

        DecoderConfig model() throws CheckpointFormatException {
            boolean mixture = fields.text("model_type").equals(MIXTURE);
            fields.requireEqual("model_type", mixture ? MIXTURE : DENSE);
            fields.requireEqual("hidden_act", "silu");
            fields.requireEqual("use_qk_norm", "true");
            fields.requireEqual("qkv_bias", "false");
            return new DecoderConfig(
                    fields.integer("num_hidden_layers"),
                    fields.integer("hidden_size"),
                    fields.integer("num_attention_heads"),
                    fields.integer("num_key_value_heads"),
                    fields.integer("head_dim"),
                    fields.integer(mixture ? "moe_intermediate_size" : "intermediate_size"),
                    mixture ? mixture() : MixtureConfig.DENSE,
                    fields.integer("vocab_size"),
                    fields.flag("tie_word_embeddings"),
                    rope(),
                    fields.number("rms_norm_eps"),
                    fields.number("initializer_range"),
                    modifiers(),
                    root.has(SANDWICH_NORM) && fields.flag(SANDWICH_NORM),
                    root.has(RESIDUAL_CLIP) ? fields.number(RESIDUAL_CLIP) : 0);
        }

        private MixtureConfig mixture() throws CheckpointFormatException {
            fields.requireEqual("decoder_sparse_step", "1");
            fields.requireEqual(EXPERTS_LAYOUT, STACKED);
            if (!fields.present("mlp_only_layers").isEmpty()) {
                throw new CheckpointFormatException(file + " has mlp_only_layers " + root.get("mlp_only_layers")
                        + "; Sluice's mixtures have experts in every layer");
            }
            return new MixtureConfig(
                    fields.integer("num_experts"),
                    fields.integer("num_experts_per_tok"),
                    fields.flag("norm_topk_prob"));
        }

        private RopeConfig rope() throws CheckpointFormatException {
            double base = fields.number("rope_theta");
            if (!root.hasNonNull(ROPE_SCALING)) {
                return RopeConfig.of(base);
            }
            ModelConfigFields scaling = new ModelConfigFields(root.get(ROPE_SCALING), file + " rope_scaling");
            scaling.requireEqual("rope_type", "yarn");
            return new RopeConfig(
                    base,
                    new RopeConfig.Yarn(
                            scaling.number("factor"),
                            scaling.integer("original_max_position_embeddings"),
                            scaling.number("beta_fast"),
                            scaling.number("beta_slow")));
        }

        private List<AttentionModifier> modifiers() throws CheckpointFormatException {
            boolean elementwise = fields.flag(ELEMENTWISE);
            boolean headwise = fields.flag(HEADWISE);
            if (elementwise && headwise) {
                throw new CheckpointFormatException(
                        file + " has both " + ELEMENTWISE + " and " + HEADWISE + "; a model has at most one of them");
            }
            if (elementwise || headwise) {
                fields.requireEqual(GATE_LAYOUT, SEPARATE);
            }
            if (!root.has(MODIFIERS)) {
                return elementwise
                        ? List.of(GateConfig.SDPA_ELEMENTWISE)
                        : headwise ? List.of(GateConfig.SDPA_HEADWISE) : List.of();
            }
            List<AttentionModifier> modifiers = AttentionModifiersJson.read(root.get(MODIFIERS), file);
            requireFlag(ELEMENTWISE, elementwise, hasPublishedGate(modifiers, GateGranularity.ELEMENTWISE), modifiers);
            requireFlag(HEADWISE, headwise, hasPublishedGate(modifiers, GateGranularity.HEADWISE), modifiers);
            return modifiers;
        }

        private void requireFlag(String key, boolean flag, boolean expected, List<AttentionModifier> modifiers)
                throws CheckpointFormatException {
            if (flag != expected) {
                throw new CheckpointFormatException(file + " has " + key + " " + flag + ", but " + MODIFIERS + " "
                        + modifiers + ", which makes it " + expected + "; the two must agree");
            }
        }
    }
}
