package org.sluice.model;

/**
 * The names of the parameters, as Hugging Face's Qwen3 and Qwen3-MoE have them. Gates are projections of their own beside them, and the
 * experts of a layer are stacked in one parameter for each projection.
 */
record ParameterNames(int layer) {
    static final String EMBEDDING = "model.embed_tokens.weight";
    static final String FINAL_NORM = "model.norm.weight";
    static final String CLASSIFIER = "lm_head.weight";

    String attentionNorm() {
        return inLayer("input_layernorm");
    }

    String query() {
        return inLayer("self_attn.q_proj");
    }

    String key() {
        return inLayer("self_attn.k_proj");
    }

    String value() {
        return inLayer("self_attn.v_proj");
    }

    String gate(GatePosition position) {
        return switch (position) {
            case SDPA_OUTPUT -> inLayer("self_attn.gate_proj");
            case VALUE -> inLayer("self_attn.value_gate_proj");
            case KEY -> inLayer("self_attn.key_gate_proj");
            case QUERY -> inLayer("self_attn.query_gate_proj");
            case DENSE_OUTPUT -> inLayer("self_attn.dense_gate_proj");
        };
    }

    String headNorm() {
        return inLayer("self_attn.sdpa_norm");
    }

    String switchHeads(GatePosition position) {
        return inLayer(position == GatePosition.KEY ? "self_attn.key_switch" : "self_attn.value_switch");
    }

    String attentionSandwichNorm() {
        return inLayer("self_attn.sandwich_norm");
    }

    String feedForwardSandwichNorm() {
        return inLayer("mlp.sandwich_norm");
    }

    String router() {
        return inLayer("mlp.gate");
    }

    String expertGate() {
        return inLayer("mlp.experts.gate_proj");
    }

    String expertUp() {
        return inLayer("mlp.experts.up_proj");
    }

    String expertDown() {
        return inLayer("mlp.experts.down_proj");
    }

    String attentionOutput() {
        return inLayer("self_attn.o_proj");
    }

    String queryNorm() {
        return inLayer("self_attn.q_norm");
    }

    String keyNorm() {
        return inLayer("self_attn.k_norm");
    }

    String feedForwardNorm() {
        return inLayer("post_attention_layernorm");
    }

    String feedForwardGate() {
        return inLayer("mlp.gate_proj");
    }

    String feedForwardUp() {
        return inLayer("mlp.up_proj");
    }

    String feedForwardDown() {
        return inLayer("mlp.down_proj");
    }

    private String inLayer(String part) {
        return "model.layers." + layer + "." + part + ".weight";
    }
}
