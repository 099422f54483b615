package org.sluice.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.GateGranularity;

/**
 * A model's shape as {@code config.json}, with the keys of Hugging Face's Qwen3 and those of the published gated models.
 *
 * <p>Whether there is a gate is always written, and must be there to be read: a reader that overlooked a gate would compute another
 * model from the same weights. The gate's weights are a projection of their own ({@code self_attn.gate_proj.weight}), which
 * {@code attn_output_gate_layout} says.
 */
public final class ModelConfigJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String ELEMENTWISE = "elementwise_attn_output_gate";
    private static final String HEADWISE = "headwise_attn_output_gate";
    private static final String GATE_LAYOUT = "attn_output_gate_layout";
    private static final String SEPARATE = "separate";

    private ModelConfigJson() {}

    /** The bytes of {@code config.json}. */
    public static byte[] write(DecoderConfig model) {
        ObjectNode root = JSON.createObjectNode();
        root.putArray("architectures").add("Qwen3ForCausalLM");
        root.put("model_type", "qwen3");
        root.put("num_hidden_layers", model.layers());
        root.put("hidden_size", model.hidden());
        root.put("num_attention_heads", model.heads());
        root.put("num_key_value_heads", model.kvHeads());
        root.put("head_dim", model.headDim());
        root.put("intermediate_size", model.ffn());
        root.put("vocab_size", model.vocabulary());
        root.put("tie_word_embeddings", model.tiedEmbedding());
        root.put("rope_theta", model.ropeBase());
        root.putNull("rope_scaling");
        root.put("rms_norm_eps", model.normEpsilon());
        root.put("initializer_range", model.initialStandardDeviation());
        root.put("hidden_act", "silu");
        root.put("use_qk_norm", true);
        root.put("qkv_bias", false);
        root.put("attention_bias", false);
        root.put("attention_dropout", 0.0);
        root.put(ELEMENTWISE, model.gate().granularity() == GateGranularity.ELEMENTWISE);
        root.put(HEADWISE, model.gate().granularity() == GateGranularity.HEADWISE);
        if (model.gate().isPresent()) {
            root.put(GATE_LAYOUT, SEPARATE);
        }
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a JSON tree could not be written as JSON", impossible);
        }
    }

    /**
     * Reads what {@link #write} wrote, or Hugging Face for the same kind of model.
     *
     * @param file for messages
     * @throws CheckpointFormatException if a key is missing, or the file describes a model that Sluice does not have
     */
    public static DecoderConfig read(byte[] bytes, String file) throws CheckpointFormatException {
        try {
            return new Reader(JSON.readTree(bytes), file).model();
        } catch (JsonProcessingException notJson) {
            throw new CheckpointFormatException(file + " is not JSON: " + notJson.getOriginalMessage(), notJson);
        } catch (CheckpointFormatException known) {
            throw known;
        } catch (IOException | IllegalArgumentException wrong) {
            throw new CheckpointFormatException(file + " describes no model: " + wrong.getMessage(), wrong);
        }
    }

    private record Reader(JsonNode root, String file) {

        DecoderConfig model() throws CheckpointFormatException {
            requireEqual("model_type", "qwen3");
            requireEqual("hidden_act", "silu");
            requireEqual("use_qk_norm", "true");
            requireEqual("qkv_bias", "false");
            if (root.hasNonNull("rope_scaling")) {
                throw new CheckpointFormatException(file + " has rope_scaling " + root.get("rope_scaling")
                        + ", which Sluice does not have; expected null");
            }
            return new DecoderConfig(
                    integer("num_hidden_layers"),
                    integer("hidden_size"),
                    integer("num_attention_heads"),
                    integer("num_key_value_heads"),
                    integer("head_dim"),
                    integer("intermediate_size"),
                    integer("vocab_size"),
                    flag("tie_word_embeddings"),
                    number("rope_theta"),
                    number("rms_norm_eps"),
                    number("initializer_range"),
                    gate());
        }

        private GateConfig gate() throws CheckpointFormatException {
            boolean elementwise = flag(ELEMENTWISE);
            boolean headwise = flag(HEADWISE);
            if (elementwise && headwise) {
                throw new CheckpointFormatException(
                        file + " has both " + ELEMENTWISE + " and " + HEADWISE + "; a model has at most one gate");
            }
            if (!elementwise && !headwise) {
                return GateConfig.NONE;
            }
            requireEqual(GATE_LAYOUT, SEPARATE);
            return elementwise ? GateConfig.SDPA_ELEMENTWISE : GateConfig.SDPA_HEADWISE;
        }

        private void requireEqual(String key, String expected) throws CheckpointFormatException {
            String found = present(key).asText();
            if (!found.equals(expected)) {
                throw new CheckpointFormatException(file + " has " + key + " '" + found
                        + "', which Sluice does not have; expected '" + expected + "'");
            }
        }

        private int integer(String key) throws CheckpointFormatException {
            JsonNode value = present(key);
            if (!value.isInt()) {
                throw new CheckpointFormatException(file + " has " + key + " " + value + "; expected an integer");
            }
            return value.asInt();
        }

        private double number(String key) throws CheckpointFormatException {
            JsonNode value = present(key);
            if (!value.isNumber()) {
                throw new CheckpointFormatException(file + " has " + key + " " + value + "; expected a number");
            }
            return value.asDouble();
        }

        private boolean flag(String key) throws CheckpointFormatException {
            JsonNode value = present(key);
            if (!value.isBoolean()) {
                throw new CheckpointFormatException(file + " has " + key + " " + value + "; expected true or false");
            }
            return value.asBoolean();
        }

        private JsonNode present(String key) throws CheckpointFormatException {
            JsonNode value = root.get(key);
            if (value == null) {
                throw new CheckpointFormatException(
                        file + " does not have " + key + ", without which it is not known which model it describes");
            }
            return value;
        }
    }
}
