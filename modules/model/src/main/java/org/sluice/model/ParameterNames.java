package org.sluice.model;

/**
 * The names of the parameters, as Hugging Face's Qwen3 and Qwen3-MoE have them. Gates are projections of their own beside them, and the
 * experts of a layer are stacked in one parameter for each projection.
 *
 * @param layer from 0
 */
public record ParameterNames(int layer) {
    public static final String EMBEDDING = "model.embed_tokens.weight";
    public static final String FINAL_NORM = "model.norm.weight";
    public static final String CLASSIFIER = "lm_head.weight";

    public String attentionNorm() {
        return inLayer("input_layernorm");
    }

    public String query() {
        return inLayer("self_attn.q_proj");
    }

    public String key() {
        return inLayer("self_attn.k_proj");
    }

    public String value() {
        return inLayer("self_attn.v_proj");
    }

    public String gate(GatePosition position) {
        return switch (position) {
            case SDPA_OUTPUT -> inLayer("self_attn.gate_proj");
            case VALUE -> inLayer("self_attn.value_gate_proj");
            case KEY -> inLayer("self_attn.key_gate_proj");
            case QUERY -> inLayer("self_attn.query_gate_proj");
            case DENSE_OUTPUT -> inLayer("self_attn.dense_gate_proj");
        };
    }

    public String headNorm() {
        return inLayer("self_attn.sdpa_norm");
    }

    public String switchHeads(GatePosition position) {
        return inLayer(position == GatePosition.KEY ? "self_attn.key_switch" : "self_attn.value_switch");
    }

    public String attentionSandwichNorm() {
        return inLayer("self_attn.sandwich_norm");
    }

    public String feedForwardSandwichNorm() {
        return inLayer("mlp.sandwich_norm");
    }

    public String router() {
        return inLayer("mlp.gate");
    }

    public String expertGate() {
        return inLayer("mlp.experts.gate_proj");
    }

    public String expertUp() {
        return inLayer("mlp.experts.up_proj");
    }

    public String expertDown() {
        return inLayer("mlp.experts.down_proj");
    }

    public String attentionOutput() {
        return inLayer("self_attn.o_proj");
    }

    public String queryNorm() {
        return inLayer("self_attn.q_norm");
    }

    public String keyNorm() {
        return inLayer("self_attn.k_norm");
    }

    public String feedForwardNorm() {
        return inLayer("post_attention_layernorm");
    }

    public String feedForwardGate() {
        return inLayer("mlp.gate_proj");
    }

    public String feedForwardUp() {
        return inLayer("mlp.up_proj");
    }

    public String feedForwardDown() {
        return inLayer("mlp.down_proj");
    }

    private String inLayer(String part) {
        return "model.layers." + layer + "." + part + ".weight";
    }
}
