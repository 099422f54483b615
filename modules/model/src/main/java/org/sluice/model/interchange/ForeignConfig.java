package org.sluice.model.interchange;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;
import org.sluice.model.DecoderConfig;
import org.sluice.model.RopeConfig;
import org.sluice.model.checkpoint.ModelConfigJson;
import org.sluice.model.checkpoint.SafetensorsType;

/** Writes the {@code config.json} of a format: a checkpoint's own, changed to what the format's readers expect. */
final class ForeignConfig {
    private ForeignConfig() {}

    /**
     * The bytes of {@code config.json}.
     *
     * @param type of the numbers in the files
     * @param trainedLength the positions of a training sequence, before any YaRN
     * @param endOfText the token that ends a text; empty if there is no tokenizer
     */
    static byte[] write(
            DecoderConfig model, ForeignFormat format, SafetensorsType type, int trainedLength, OptionalInt endOfText) {
        ObjectNode root = ModelConfigJson.toTree(model);
        switch (format) {
            case QWEN3, QWEN3_MOE -> writeQwen3(model, format, root);
            case QWEN3_NEXT -> writeQwen3Next(model, root);
            case SLUICE -> writeSluice(model, root);
        }
        root.put("max_position_embeddings", positions(model.rope().yarn(), trainedLength));
        root.put("torch_dtype", torchName(type));
        root.put("use_cache", true);
        root.put("use_sliding_window", false);
        endOfText.ifPresent(token -> root.put("eos_token_id", token));
        return ModelConfigJson.bytes(root);
    }

    private static void writeQwen3(DecoderConfig model, ForeignFormat format, ObjectNode root) {
        removeOwnKeys(root);
        writeLayout(model, format, root);
    }

    /** Keys of which a reader of Qwen3's family knows nothing, and which say nothing about a model that it can read. */
    private static void removeOwnKeys(ObjectNode root) {
        root.remove(List.of("attention_modifiers", "sandwich_norm", "residual_clip", "experts_layout"));
        root.remove(ForeignConfigReader.GATE_LAYOUT);
    }

    private static void writeLayout(DecoderConfig model, ForeignFormat format, ObjectNode root) {
        if (!model.gates().isEmpty()) {
            root.put(ForeignConfigReader.GATE_LAYOUT, format.layout().key());
        }
    }

    private static void writeQwen3Next(DecoderConfig model, ObjectNode root) {
        removeOwnKeys(root);
        writeLayout(model, ForeignFormat.QWEN3_NEXT, root);
        root.putArray("architectures").add("Qwen3NextForCausalLM");
        root.put("model_type", "qwen3_next");
        root.put("attn_output_gate", true);
        root.put("partial_rotary_factor", 1.0);
        ArrayNode layers = root.putArray("layer_types");
        for (int layer = 0; layer < model.layers(); layer++) {
            layers.add("full_attention");
        }
        if (model.mixture().isPresent()) {
            root.put(ForeignConfigReader.SHARED_EXPERT, TensorMap.SHARED_EXPERT_WIDTH);
        } else {
            root.put("num_experts", 0);
            root.put("decoder_sparse_step", 1);
            root.putArray("mlp_only_layers");
        }
    }

    private static void writeSluice(DecoderConfig model, ObjectNode root) {
        root.putArray("architectures").add("SluiceForCausalLM");
        root.put("model_type", ForeignConfigReader.SLUICE);
        if (model.mixture().isPresent()) {
            root.put(ForeignConfigReader.EXPERTS_LAYOUT, "split");
        }
    }

    /** Readers that do not take YaRN's factor from its key divide this by the original length. */
    private static int positions(RopeConfig.Yarn yarn, int trainedLength) {
        return yarn.isPresent() ? Math.toIntExact(Math.round(yarn.factor() * yarn.originalLength())) : trainedLength;
    }

    private static String torchName(SafetensorsType type) {
        return switch (type) {
            case F32 -> "float32";
            case BF16 -> "bfloat16";
            case F16 -> "float16";
            case F64, I32 -> throw new IllegalArgumentException("weights are not exported in " + type);
        };
    }
}
