package org.sluice.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.Presets;

class ModelConfigJsonTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Stream<DecoderConfig> models() {
        return Presets.names().stream().map(Presets::named).flatMap(model -> Stream.of(
                        GateConfig.NONE, GateConfig.SDPA_ELEMENTWISE, GateConfig.SDPA_HEADWISE)
                .map(model::withGate));
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
                .isEqualTo(model.gate().equals(GateConfig.SDPA_ELEMENTWISE));
        assertThat(root.get("headwise_attn_output_gate").booleanValue())
                .isEqualTo(model.gate().equals(GateConfig.SDPA_HEADWISE));
        assertThat(root.get("model_type").asText()).isEqualTo("qwen3");
        assertThat(root.get("num_key_value_heads").asInt()).isEqualTo(model.kvHeads());
        assertThat(root.get("use_qk_norm").booleanValue()).isTrue();
    }

    @Test
    void whatSluiceDoesNotHaveIsRefusedByKeyAndValue() {
        assertRefused(root -> root.put("model_type", "llama"), "model_type 'llama', which Sluice does not have");
        assertRefused(root -> root.put("hidden_act", "gelu"), "hidden_act 'gelu'");
        assertRefused(root -> root.put("qkv_bias", true), "qkv_bias 'true'");
        assertRefused(root -> root.put("use_qk_norm", false), "use_qk_norm 'false'");
        assertRefused(root -> root.putObject("rope_scaling").put("factor", 4), "rope_scaling {\"factor\":4}");
        assertRefused(root -> root.put("headwise_attn_output_gate", true), "at most one gate");
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

    private static void assertRefused(Consumer<ObjectNode> change, String reason) {
        assertThatThrownBy(() -> {
                    byte[] written = ModelConfigJson.write(Presets.TINY.withGate(GateConfig.SDPA_ELEMENTWISE));
                    ObjectNode root = (ObjectNode) JSON.readTree(written);
                    change.accept(root);
                    ModelConfigJson.read(JSON.writeValueAsBytes(root), "config.json");
                })
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageStartingWith("config.json")
                .hasMessageContaining(reason);
    }
}
