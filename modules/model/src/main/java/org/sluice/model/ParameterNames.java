package org.sluice.model;

/** The names of the parameters, as Hugging Face's Qwen3 has them; the gate is a projection of its own beside them. */
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

    String attentionGate() {
        return inLayer("self_attn.gate_proj");
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
