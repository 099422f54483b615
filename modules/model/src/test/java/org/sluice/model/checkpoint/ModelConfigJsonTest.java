package org.sluice.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.Presets;
import org.sluice.model.RandomModels;
import org.sluice.model.RopeConfig;

class ModelConfigJsonTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Stream<DecoderConfig> models() {
        return Stream.concat(Presets.names().stream().map(Presets::named), RandomModels.all());
    }

    @ParameterizedTest
    @MethodSource("models")
    void aModelIsTheSameAfterBothWays(DecoderConfig model) throws IOException {
        assertThat(ModelConfigJson.read(ModelConfigJson.write(model), "config.json"))
                .isEqualTo(model);
    }

    @ParameterizedTest
    @MethodSource("models")
    void theGateIsAlwaysWritten(DecoderConfig model) throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(ModelConfigJson.write(model));

        assertThat(root.get("elementwise_attn_output_gate").booleanValue())
                .isEqualTo(model.modifiers().contains(GateConfig.SDPA_ELEMENTWISE));
        assertThat(root.get("headwise_attn_output_gate").booleanValue())
                .isEqualTo(model.modifiers().contains(GateConfig.SDPA_HEADWISE));
        assertThat(root.get("attention_modifiers")).hasSize(model.modifiers().size());
        assertThat(root.get("model_type").asText()).isEqualTo(model.mixture().isPresent() ? "qwen3_moe" : "qwen3");
        assertThat(root.get("num_key_value_heads").asInt()).isEqualTo(model.kvHeads());
        assertThat(root.get("use_qk_norm").booleanValue()).isTrue();
    }

    @Test
    void aMixtureHasTheKeysOfHuggingFace() throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(ModelConfigJson.write(Presets.MOE_15A2B));

        assertThat(root.get("architectures").get(0).asText()).isEqualTo("Qwen3MoeForCausalLM");
        assertThat(root.get("num_experts").asInt()).isEqualTo(128);
        assertThat(root.get("num_experts_per_tok").asInt()).isEqualTo(8);
        assertThat(root.get("moe_intermediate_size").asInt()).isEqualTo(768);
        assertThat(root.get("norm_topk_prob").booleanValue()).isTrue();
        assertThat(root.get("decoder_sparse_step").asInt()).isEqualTo(1);
        assertThat(root.get("mlp_only_layers")).isEmpty();
    }

    @Test
    void yarnHasTheKeysOfHuggingFace() throws IOException {
        DecoderConfig model = Presets.TINY
                .change()
                .rope(new RopeConfig(1_000_000, RopeConfig.Yarn.of(4, 32_768)))
                .build();

        assertThat(JSON.readTree(ModelConfigJson.write(model)).get("rope_scaling"))
                .isEqualTo(JSON.readTree("{\"rope_type\": \"yarn\", \"factor\": 4.0,"
                        + " \"original_max_position_embeddings\": 32768, \"beta_fast\": 32.0, \"beta_slow\": 1.0}"));
    }

    /** A file that was written before there were other gates than the published ones. */
    @Test
    void aFileWithoutModifiersHasThePublishedGate() throws IOException {
        for (GateConfig gate : List.of(GateConfig.SDPA_ELEMENTWISE, GateConfig.SDPA_HEADWISE)) {
            DecoderConfig model = Presets.TINY.withModifiers(gate);
            ObjectNode root = (ObjectNode) JSON.readTree(ModelConfigJson.write(model));
            root.remove(List.of("attention_modifiers", "sandwich_norm", "residual_clip", "rope_scaling"));

            assertThat(ModelConfigJson.read(JSON.writeValueAsBytes(root), "config.json"))
                    .isEqualTo(model);
        }
    }

    @Test
    void whatSluiceDoesNotHaveIsRefusedByKeyAndValue() {
        assertRefused(root -> root.put("model_type", "llama"), "model_type 'llama', which Sluice does not have");
        assertRefused(root -> root.put("hidden_act", "gelu"), "hidden_act 'gelu'");
        assertRefused(root -> root.put("qkv_bias", true), "qkv_bias 'true'");
        assertRefused(root -> root.put("use_qk_norm", false), "use_qk_norm 'false'");
        assertRefused(
                root -> root.putObject("rope_scaling").put("rope_type", "linear"),
                "rope_scaling has rope_type 'linear', which Sluice does not have; expected 'yarn'");
        assertRefused(root -> root.put("headwise_attn_output_gate", true), "a model has at most one of them");
        assertRefused(
                root -> root.put("elementwise_attn_output_gate", false),
                "has elementwise_attn_output_gate false, but attention_modifiers [sdpa_output elementwise]");
        assertRefused(root -> modifier(root).put("kind", "dropout"), "an attention modifier of kind 'dropout'");
        assertRefused(root -> modifier(root).put("position", "mlp"), "there is no gate position 'mlp'");
        assertRefused(
                root -> modifier(root).put("activation", "relu"),
                "has a gate with activation 'relu', which Sluice does not have; expected one of sigmoid, silu, identity, ns_sigmoid, double_sigmoid");
        assertRefused(root -> modifier(root).remove("head_shared"), "does not have head_shared");
        assertRefused(root -> modifier(root).put("source", "learned"), "it starts from zero");
        assertRefused(root -> root.put("residual_clip", -1), "residualClip (-1.0) must be a finite number above 0");
        assertRefused(root -> root.put("attn_output_gate_layout", "in_q_proj"), "attn_output_gate_layout 'in_q_proj'");
        assertRefused(
                root -> root.remove("elementwise_attn_output_gate"), "does not have elementwise_attn_output_gate");
        assertRefused(root -> root.remove("head_dim"), "does not have head_dim");
        assertRefused(root -> root.put("head_dim", "64"), "head_dim \"64\"; expected an integer");
        assertRefused(root -> root.put("rope_theta", "big"), "rope_theta \"big\"; expected a number");
        assertRefused(root -> root.put("tie_word_embeddings", 1), "tie_word_embeddings 1; expected true or false");
        assertRefused(root -> root.put("num_key_value_heads", 3), "heads (4) must be divisible by kvHeads (3)");
        assertThatThrownBy(() -> ModelConfigJson.read(new byte[] {'{'}, "config.json"))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageStartingWith("config.json is not JSON");
    }

    @Test
    void mixturesThatSluiceDoesNotHaveAreRefused() throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(ModelConfigJson.write(Presets.MOE_15A2B));
        root.putArray("mlp_only_layers").add(3);
        assertThatThrownBy(() -> ModelConfigJson.read(JSON.writeValueAsBytes(root), "config.json"))
                .hasMessage("config.json has mlp_only_layers [3]; Sluice's mixtures have experts in every layer");
        root.putArray("mlp_only_layers");
        root.put("num_experts_per_tok", 129);
        assertThatThrownBy(() -> ModelConfigJson.read(JSON.writeValueAsBytes(root), "config.json"))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("a mixture of 128 experts of which 129 are chosen");
        root.put("experts_layout", "separate");
        assertThatThrownBy(() -> ModelConfigJson.read(JSON.writeValueAsBytes(root), "config.json"))
                .hasMessageContaining("experts_layout 'separate', which Sluice does not have; expected 'stacked'");
    }

    private static ObjectNode modifier(ObjectNode root) {
        return (ObjectNode) root.get("attention_modifiers").get(0);
    }

    private static void assertRefused(Consumer<ObjectNode> change, String reason) {
        assertThatThrownBy(() -> {
                    byte[] written = ModelConfigJson.write(Presets.TINY.withModifiers(GateConfig.SDPA_ELEMENTWISE));
                    ObjectNode root = (ObjectNode) JSON.readTree(written);
                    change.accept(root);
                    ModelConfigJson.read(JSON.writeValueAsBytes(root), "config.json");
                })
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageStartingWith("config.json")
                .hasMessageContaining(reason);
    }
}
