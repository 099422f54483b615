"""The folders that models are exchanged in: config.json and model.safetensors, in the formats of others and in Sluice's own."""

import json
from pathlib import Path
from typing import Dict

import numpy
import torch
from torch import Tensor

from decoder import Gate, HeadNorm, Model

SHARED_EXPERT_WIDTH = 8
TYPES = {torch.float32: "F32", torch.float64: "F64", torch.int32: "I32"}


def write_safetensors(file: Path, tensors: Dict[str, Tensor], metadata: Dict[str, str]) -> None:
    """8 bytes of little-endian length, a JSON header padded with spaces, then the numbers (huggingface.co/docs/safetensors)."""
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, tensor in tensors.items():
        numbers = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(numbers)]}
        data += numbers
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write_bytes(numpy.array(len(text), dtype="<u8").tobytes() + text + data)


def write_model(folder: Path, format: str, model: Model, parameters: Dict[str, Tensor]) -> None:
    config = {"sluice": sluice, "qwen3_next": qwen3_next}.get(format, qwen3)(model)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    write_safetensors(folder / "model.safetensors", tensors(format, model, parameters), {"format": "pt"})


def tensors(format: str, model: Model, parameters: Dict[str, Tensor]) -> Dict[str, Tensor]:
    """The parameters as the format's files have them."""
    written = {}
    for name, value in parameters.items():
        if ".mlp.experts." in name:
            for number, expert in enumerate(value):
                written[name.replace(".experts.", f".experts.{number}.")] = expert
        elif name.endswith("self_attn.q_proj.weight") and format != "sluice" and model.modifiers:
            blocks = model.heads if format == "qwen3_next" else model.kv_heads
            written[name] = with_gate(value, parameters[name.replace("q_proj", "gate_proj")], blocks)
        elif name.endswith("self_attn.gate_proj.weight") and format != "sluice":
            continue
        else:
            written[name] = value - 1 if format == "qwen3_next" and value.dim() == 1 else value
    if format == "qwen3_next" and model.mixture is not None:
        for layer in range(model.layers):
            expert = f"model.layers.{layer}.mlp.shared_expert"
            for projection in ("gate_proj", "up_proj"):
                written[f"{expert}.{projection}.weight"] = torch.zeros(SHARED_EXPERT_WIDTH, model.hidden)
            written[f"{expert}.down_proj.weight"] = torch.zeros(model.hidden, SHARED_EXPERT_WIDTH)
            written[f"{expert}_gate.weight"] = torch.zeros(1, model.hidden)
    return written


def with_gate(query: Tensor, gate: Tensor, blocks: int) -> Tensor:
    """Query rows and gate rows in turns: [query of block 0, gate of block 0, query of block 1, ...]."""
    return torch.cat([part for pair in zip(query.chunk(blocks), gate.chunk(blocks)) for part in pair])


def common(model: Model, kind: str, architecture: str) -> Dict:
    config = {
        "architectures": [architecture],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "head_dim": model.head_dim,
        "hidden_act": "silu",
        "hidden_size": model.hidden,
        "initializer_range": 0.02,
        "intermediate_size": model.ffn,
        "max_position_embeddings": 4096,
        "model_type": kind,
        "num_attention_heads": model.heads,
        "num_hidden_layers": model.layers,
        "num_key_value_heads": model.kv_heads,
        "rms_norm_eps": model.norm_epsilon,
        "rope_scaling": None,
        "rope_theta": model.rope_base,
        "tie_word_embeddings": model.tied,
        "torch_dtype": "float32",
        "use_sliding_window": False,
        "vocab_size": model.vocabulary,
    }
    if model.yarn is not None:
        config["max_position_embeddings"] = round(model.yarn.factor * model.yarn.original_length)
        config["rope_scaling"] = {
            "rope_type": "yarn",
            "factor": model.yarn.factor,
            "original_max_position_embeddings": model.yarn.original_length,
            "beta_fast": model.yarn.beta_fast,
            "beta_slow": model.yarn.beta_slow,
        }
    if model.mixture is not None:
        config["decoder_sparse_step"] = 1
        config["mlp_only_layers"] = []
        config["moe_intermediate_size"] = model.ffn
        config["norm_topk_prob"] = model.mixture.normalised
        config["num_experts"] = model.mixture.experts
        config["num_experts_per_tok"] = model.mixture.chosen
    return config


def qwen3(model: Model) -> Dict:
    """Hugging Face's Qwen3 and Qwen3-MoE; with a gate, the Qwen3 of the authors of arXiv 2505.06708."""
    if model.mixture is not None:
        return common(model, "qwen3_moe", "Qwen3MoeForCausalLM")
    config = common(model, "qwen3", "Qwen3ForCausalLM")
    for gate in model.modifiers:
        config["elementwise_attn_output_gate"] = gate.granularity == "elementwise"
        config["headwise_attn_output_gate"] = gate.granularity == "headwise"
        config["qkv_bias"] = False
        config["use_qk_norm"] = True
    return config


def qwen3_next(model: Model) -> Dict:
    """Hugging Face's Qwen3-Next, all of whose layers are of full attention."""
    config = common(model, "qwen3_next", "Qwen3NextForCausalLM")
    config["attn_output_gate"] = True
    config["layer_types"] = ["full_attention"] * model.layers
    config["partial_rotary_factor"] = 1.0
    if model.mixture is None:
        config["num_experts"] = 0
    else:
        config["shared_expert_intermediate_size"] = SHARED_EXPERT_WIDTH
    return config


def sluice(model: Model) -> Dict:
    """Sluice's own, which has every model."""
    config = common(model, "sluice", "SluiceForCausalLM")
    published = [gate.granularity for gate in model.modifiers if gate in (Gate("sdpa_output"), Gate("sdpa_output", "headwise"))]
    config["use_qk_norm"] = True
    config["qkv_bias"] = False
    config["elementwise_attn_output_gate"] = "elementwise" in published
    config["headwise_attn_output_gate"] = "headwise" in published
    config["attn_output_gate_layout"] = "separate"
    config["attention_modifiers"] = [modifier_config(modifier) for modifier in model.modifiers]
    config["sandwich_norm"] = model.sandwich_norm
    config["residual_clip"] = model.residual_clip
    if model.mixture is not None:
        config["experts_layout"] = "split"
    return config


def modifier_config(modifier) -> Dict:
    if isinstance(modifier, HeadNorm):
        return {"position": modifier.position, "kind": "rms_norm"}
    if isinstance(modifier, Gate):
        initialisation = "zero" if modifier.source == "learned" else "random"
        return {**vars(modifier), "kind": "gate", "initialisation": initialisation}
    return {**vars(modifier), "kind": "switch_heads"}
