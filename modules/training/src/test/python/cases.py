"""The models that are compared: each format, each gate, and what else a layer can have."""

from dataclasses import dataclass, field
from typing import List

from decoder import Gate, HeadNorm, Mixture, Model, SwitchHeads, Weighting, Yarn
from training import Settings

ELEMENTWISE = Gate("sdpa_output")
HEADWISE = Gate("sdpa_output", "headwise")
YARN = Yarn(factor=4.0, original_length=64)


@dataclass(frozen=True)
class PassCase:
    """One forward and backward pass of `sequences` sequences of `length` tokens."""

    family: str
    name: str
    format: str
    model: Model
    weighting: Weighting = Weighting()
    sequences: int = 2
    length: int = 11


# Cases that have between them all that the cases have, to be compared in float64 as well, where rounding hides nothing.
IN_FLOAT64 = {
    "qwen3-yarn-untied",
    "gated-qwen3-headwise-group-of-3",
    "qwen3-moe-all-losses",
    "qwen3-next-mixture",
    "sdpa-additive-silu",
    "sdpa-learned",
    "sdpa-self",
    "sdpa-norm",
    "value-head-shared",
    "all-positions",
    "switch-key-some",
    "sandwich-norm-clip-gate",
    "mixture-value-sandwich-norm",
}


@dataclass(frozen=True)
class StepsCase:
    """Ten steps of `blocks` blocks of `length` + 1 tokens."""

    family: str
    name: str
    format: str
    model: Model
    settings: Settings = field(default_factory=Settings)
    blocks: int = 3
    length: int = 11


def with_gates(*modifiers, **changes) -> Model:
    return Model(modifiers=modifiers, **changes)


def pass_cases() -> List[PassCase]:
    return qwen3() + gated_qwen3() + qwen3_moe() + qwen3_next() + sluice()


def qwen3() -> List[PassCase]:
    cases = {
        "tied": Model(),
        "untied-group-of-1": Model(hidden=20, heads=3, kv_heads=3, head_dim=6, ffn=22, vocabulary=37, tied=False, norm_epsilon=1e-2),
        "yarn": Model(kv_heads=1, head_dim=12, yarn=Yarn(4.0, 2048)),
        "yarn-untied": Model(head_dim=8, tied=False, rope_base=500.0, yarn=Yarn(2.5, 40, beta_fast=5.0, beta_slow=0.5), norm_epsilon=1e-2),
    }
    long = PassCase("Qwen3", "qwen3-long", "qwen3", Model(hidden=24, head_dim=16, ffn=16), sequences=1, length=150)
    z_loss = PassCase("Qwen3", "qwen3-z-loss", "qwen3", Model(tied=False), Weighting(z_loss=0.1))
    return [PassCase("Qwen3", f"qwen3-{name}", "qwen3", model) for name, model in cases.items()] + [long, z_loss]


def gated_qwen3() -> List[PassCase]:
    cases = {
        "elementwise": with_gates(ELEMENTWISE),
        "headwise": with_gates(HEADWISE),
        "elementwise-yarn-untied": with_gates(ELEMENTWISE, heads=6, kv_heads=2, head_dim=4, hidden=18, tied=False, yarn=Yarn(8.0, 30)),
        "headwise-group-of-3": with_gates(HEADWISE, heads=6, kv_heads=2, head_dim=4, hidden=18, norm_epsilon=1e-2),
        "headwise-group-of-1": with_gates(HEADWISE, heads=3, kv_heads=3, head_dim=6, tied=False),
    }
    return [PassCase("Qwen3 with the authors' gate", f"gated-qwen3-{name}", "qwen3", model) for name, model in cases.items()]


def qwen3_moe() -> List[PassCase]:
    normalised = Model(ffn=5, mixture=Mixture(6, 2, True))
    unnormalised = Model(head_dim=8, ffn=4, mixture=Mixture(7, 3, False), tied=False, yarn=YARN)
    cases = {
        "normalised": (normalised, Weighting()),
        "unnormalised": (unnormalised, Weighting()),
        "load-balance": (normalised, Weighting(load_balance=0.3)),
        "router-z-loss": (unnormalised, Weighting(router_z_loss=0.1)),
        "all-losses": (normalised, Weighting(z_loss=0.05, load_balance=0.2, router_z_loss=0.1)),
    }
    return [PassCase("Qwen3-MoE", f"qwen3-moe-{name}", "qwen3_moe", model, losses) for name, (model, losses) in cases.items()]


def qwen3_next() -> List[PassCase]:
    mixture = Mixture(5, 2, True)
    cases = {
        "dense": with_gates(ELEMENTWISE),
        "dense-group-of-3": with_gates(ELEMENTWISE, heads=6, kv_heads=2, head_dim=8, hidden=18, tied=False, yarn=YARN),
        "mixture": with_gates(ELEMENTWISE, ffn=5, mixture=mixture, tied=False),
    }
    losses = Weighting(load_balance=0.2, router_z_loss=0.1)
    return [PassCase("Qwen3-Next", f"qwen3-next-{name}", "qwen3_next", model, losses) for name, model in cases.items()]


def sluice() -> List[PassCase]:
    mixture = Mixture(6, 2, True)
    families = {
        "gate on the output of attention (G1)": {
            "sdpa-elementwise": with_gates(ELEMENTWISE, tied=False),
            "sdpa-headwise": with_gates(HEADWISE),
            "sdpa-head-shared": with_gates(Gate("sdpa_output", head_shared=True)),
        },
        "gates on values, keys, queries and the layer's output (G2 to G5)": {
            "value-elementwise": with_gates(Gate("value")),
            "value-headwise": with_gates(Gate("value", "headwise")),
            "value-head-shared": with_gates(Gate("value", head_shared=True), tied=False),
            "key-elementwise": with_gates(Gate("key")),
            "key-head-shared": with_gates(Gate("key", head_shared=True, activation="silu")),
            "query-elementwise": with_gates(Gate("query"), head_dim=8, yarn=YARN),
            "query-head-shared": with_gates(Gate("query", head_shared=True)),
            "dense-elementwise": with_gates(Gate("dense_output")),
        },
        "other activations, additive gates": {
            "sdpa-silu": with_gates(Gate("sdpa_output", activation="silu")),
            "sdpa-additive-silu": with_gates(Gate("sdpa_output", combine="additive", activation="silu")),
            "sdpa-additive-identity": with_gates(Gate("sdpa_output", combine="additive", activation="identity")),
            "sdpa-ns-sigmoid": with_gates(Gate("sdpa_output", activation="ns_sigmoid")),
            "sdpa-double-sigmoid": with_gates(Gate("sdpa_output", "headwise", activation="double_sigmoid")),
            "value-additive-silu": with_gates(Gate("value", "headwise", combine="additive", activation="silu")),
            "dense-double-sigmoid": with_gates(Gate("dense_output", activation="double_sigmoid")),
        },
        "learned gates, gates of the gated values": {
            "sdpa-learned": with_gates(Gate("sdpa_output", source="learned")),
            "value-learned-headwise": with_gates(Gate("value", "headwise", source="learned")),
            "sdpa-self": with_gates(Gate("sdpa_output", source="self")),
            "dense-self": with_gates(Gate("dense_output", source="self")),
        },
        "several gates": {
            "sdpa-and-value": with_gates(ELEMENTWISE, Gate("value")),
            "all-positions": with_gates(HEADWISE, Gate("value"), Gate("key"), Gate("query"), Gate("dense_output"), tied=False),
        },
        "head norm, switch heads": {
            "sdpa-norm": with_gates(HeadNorm(), norm_epsilon=1e-2),
            "switch-key-and-value": with_gates(SwitchHeads("value", 3, 3), SwitchHeads("key", 2, 2)),
            "switch-value-some": with_gates(SwitchHeads("value", 4, 2), tied=False),
            "switch-key-some": with_gates(ELEMENTWISE, SwitchHeads("key", 3, 2)),
        },
        "sandwich norm, clipped residual": {
            "sandwich-norm": Model(sandwich_norm=True, norm_epsilon=1e-2),
            "residual-clip": Model(residual_clip=2.0),
            "sandwich-norm-clip-gate": with_gates(ELEMENTWISE, sandwich_norm=True, residual_clip=2.5, tied=False),
        },
        "mixture with a gate": {
            "mixture-headwise": with_gates(HEADWISE, ffn=5, mixture=mixture),
            "mixture-value-sandwich-norm": with_gates(Gate("value"), ffn=5, mixture=Mixture(6, 3, False), sandwich_norm=True, tied=False),
            "mixture-yarn-switch": with_gates(SwitchHeads("value", 3, 2), ffn=5, mixture=mixture, head_dim=8, yarn=YARN),
        },
    }
    losses = Weighting(z_loss=0.01, load_balance=0.1, router_z_loss=0.05)
    return [
        PassCase(f"Sluice: {family}", name, "sluice", model, losses) for family, cases in families.items() for name, model in cases.items()
    ]


def steps_cases() -> List[StepsCase]:
    losses = Weighting(z_loss=1e-3, load_balance=0.05, router_z_loss=1e-2)
    return [
        StepsCase("Qwen3", "qwen3", "qwen3", Model(), Settings(clip=0.0)),
        StepsCase("Qwen3 with the authors' gate", "gated-qwen3", "qwen3", with_gates(HEADWISE, head_dim=8, tied=False, yarn=YARN)),
        StepsCase("Qwen3-MoE", "qwen3-moe", "qwen3_moe", Model(ffn=5, mixture=Mixture(6, 2, True)), Settings(weighting=losses)),
        StepsCase(
            "Sluice: gates, learned and from the stream",
            "sluice",
            "sluice",
            with_gates(Gate("sdpa_output", source="learned"), Gate("value"), sandwich_norm=True),
            Settings(epsilon=1e-4, beta2=0.999, weighting=losses),
        ),
    ]
