"""A pre-norm decoder with gated attention, in plain PyTorch, written from the formulas of the papers.

Shapes: B sequences of T tokens, N = B T of them; D the hidden size, H query heads and K key/value heads of E values; F the feed-forward
size; X experts; V token ids. A weight W is [out, in], and projects as x W^T. Gradients are autograd's.
"""

import math
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

import torch
import torch.nn.functional as functional
from torch import Tensor

IGNORED = -1


@dataclass(frozen=True)
class Gate:
    """y' = y * activation(logits), or y' = y + activation(logits) (arXiv 2505.06708, section 2.2).

    position: what is gated: sdpa_output (G1), value (G2), key (G3), query (G4) or dense_output (G5)
    granularity: elementwise, a score for each value; headwise, a score for each head
    head_shared: the mean over heads of the elementwise scores gates every head
    combine: multiplicative or additive
    activation: one of ACTIVATIONS
    source: hidden, logits = x W^T of the normalised stream x; learned, the logits are a parameter; self, the logits are y
    """

    position: str
    granularity: str = "elementwise"
    head_shared: bool = False
    combine: str = "multiplicative"
    activation: str = "sigmoid"
    source: str = "hidden"


@dataclass(frozen=True)
class HeadNorm:
    """RMSNorm of each head of the output of attention, with one weight for all heads (arXiv 2505.06708, Table 3)."""

    position: str = "sdpa_output"


@dataclass(frozen=True)
class SwitchHeads:
    """Each key or value head is the sum of some of its projections, each times the sigmoid of its score (arXiv 2312.07987)."""

    position: str
    experts: int
    chosen: int


@dataclass(frozen=True)
class Yarn:
    """An extension of the context (arXiv 2309.00071)."""

    factor: float
    original_length: int
    beta_fast: float = 32.0
    beta_slow: float = 1.0


@dataclass(frozen=True)
class Mixture:
    """A router chooses some of the experts of each layer for each token; normalised: their weights add up to 1."""

    experts: int
    chosen: int
    normalised: bool


@dataclass(frozen=True)
class Model:
    layers: int = 2
    hidden: int = 16
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 6
    ffn: int = 14
    vocabulary: int = 40
    tied: bool = True
    rope_base: float = 10000.0
    yarn: Optional[Yarn] = None
    norm_epsilon: float = 1e-6
    modifiers: Tuple = ()
    sandwich_norm: bool = False
    residual_clip: float = 0.0
    mixture: Optional[Mixture] = None

    def at(self, position: str):
        """What stands at a position of attention."""
        return next((modifier for modifier in self.modifiers if modifier.position == position), None)

    def heads_at(self, position: str) -> int:
        return {"sdpa_output": self.heads, "query": self.heads, "key": self.kv_heads, "value": self.kv_heads, "dense_output": 1}[position]


@dataclass(frozen=True)
class Batch:
    """tokens, targets (IGNORED for none), and the first position of each position's document: all [B, T]."""

    tokens: Tensor
    targets: Tensor
    first_visible: Tensor

    def visible(self) -> Tensor:
        """Which position (row) sees which (column): those of its document that are not behind it. [B, T, T]"""
        positions = torch.arange(self.tokens.shape[1])
        return (positions >= self.first_visible[:, :, None]) & (positions <= positions[:, None])

    def routed(self) -> Tensor:
        """Which positions have experts: all but those that see and are seen by themselves alone, and have no target. [B, T]"""
        others = self.visible() & ~torch.eye(self.tokens.shape[1], dtype=torch.bool)
        return others.any(2) | others.any(1) | (self.targets != IGNORED)


GATE_NAMES = {
    "sdpa_output": "gate_proj",
    "value": "value_gate_proj",
    "key": "key_gate_proj",
    "query": "query_gate_proj",
    "dense_output": "dense_gate_proj",
}


def parameter_shapes(model: Model) -> Dict[str, Tuple[int, ...]]:
    """Every parameter under the name that Sluice gives it: Hugging Face's, with gates and stacked experts beside."""
    hidden, head_dim, ffn = model.hidden, model.head_dim, model.ffn
    shapes = {"model.embed_tokens.weight": (model.vocabulary, hidden), "model.norm.weight": (hidden,)}
    if not model.tied:
        shapes["lm_head.weight"] = (model.vocabulary, hidden)
    for layer in range(model.layers):
        own = {"input_layernorm": (hidden,), "post_attention_layernorm": (hidden,)}
        own["self_attn.q_proj"] = (model.heads * head_dim, hidden)
        for name, position in (("self_attn.k_proj", "key"), ("self_attn.v_proj", "value")):
            modifier = model.at(position)
            experts = modifier.experts if isinstance(modifier, SwitchHeads) else 1
            own[name] = (model.kv_heads * experts * head_dim, hidden)
        own["self_attn.o_proj"] = (hidden, model.heads * head_dim)
        own["self_attn.q_norm"] = own["self_attn.k_norm"] = (head_dim,)
        for modifier in model.modifiers:
            position = modifier.position
            if isinstance(modifier, HeadNorm):
                own["self_attn.sdpa_norm"] = (head_dim,)
            elif isinstance(modifier, SwitchHeads):
                own[f"self_attn.{position}_switch"] = (model.kv_heads * modifier.experts, hidden)
            elif modifier.source != "self":
                values = hidden if position == "dense_output" else head_dim
                scores = model.heads_at(position) * (1 if modifier.granularity == "headwise" else values)
                own[f"self_attn.{GATE_NAMES[position]}"] = (scores, hidden if modifier.source == "hidden" else 1)
        if model.sandwich_norm:
            own["self_attn.sandwich_norm"] = own["mlp.sandwich_norm"] = (hidden,)
        if model.mixture is None:
            own["mlp.gate_proj"] = own["mlp.up_proj"] = (ffn, hidden)
            own["mlp.down_proj"] = (hidden, ffn)
        else:
            experts = model.mixture.experts
            own["mlp.gate"] = (experts, hidden)
            own["mlp.experts.gate_proj"] = own["mlp.experts.up_proj"] = (experts, ffn, hidden)
            own["mlp.experts.down_proj"] = (experts, hidden, ffn)
        shapes.update({f"model.layers.{layer}.{name}.weight": shape for name, shape in own.items()})
    return shapes


ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "silu": lambda z: z * torch.sigmoid(z),
    "identity": lambda z: z,
    "ns_sigmoid": lambda z: 0.5 + 0.5 * torch.sigmoid(z),
    "double_sigmoid": lambda z: 2 * torch.sigmoid(z),
}


def rms_norm(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    """weight * x / sqrt(mean(x^2) + epsilon), over the last dimension (arXiv 1910.07467)."""
    return weight * (x / torch.sqrt((x * x).mean(-1, keepdim=True) + epsilon))


def rotary_angles(model: Model, length: int) -> Tensor:
    """The angle by which RoPE turns pair i of a head at position t: t * base^(-2 i / E), slower with YaRN. [T, E / 2]

    YaRN as its authors' code has it: the pair that turns n times within the original length L is
    E ln(L / (2 pi n)) / (2 ln base). Pairs up to that of beta_fast turns (rounded down) keep their frequency, those from that of
    beta_slow turns (rounded up) have it divided by the factor, and between them one blends into the other.
    """
    frequencies = []
    for pair in range(model.head_dim // 2):
        frequency = model.rope_base ** (-2 * pair / model.head_dim)
        if model.yarn is not None:
            first, last = (
                model.head_dim * math.log(model.yarn.original_length / (2 * math.pi * turns)) / (2 * math.log(model.rope_base))
                for turns in (model.yarn.beta_fast, model.yarn.beta_slow)
            )
            start, end = max(math.floor(first), 0), min(math.ceil(last), model.head_dim - 1)
            slowed = min(max((pair - start) / max(end - start, 0.001), 0), 1)
            frequency = (1 - slowed) * frequency + slowed * frequency / model.yarn.factor
        frequencies.append(frequency)
    return torch.arange(length, dtype=torch.float64)[:, None] * torch.tensor(frequencies, dtype=torch.float64)


def rotate(model: Model, x: Tensor) -> Tensor:
    """RoPE in its rotate-half form (arXiv 2104.09864): values i and i + E / 2 are a pair. x is [B, T, heads, E].

    YaRN makes queries and keys longer by 0.1 ln(factor) + 1 each.
    """
    angles = rotary_angles(model, x.shape[1])
    longer = 1 if model.yarn is None else 0.1 * math.log(model.yarn.factor) + 1
    cosine = (longer * torch.cos(angles)).to(x.dtype)[:, None, :]
    sine = (longer * torch.sin(angles)).to(x.dtype)[:, None, :]
    left, right = x.chunk(2, dim=-1)
    return torch.cat((left * cosine - right * sine, right * cosine + left * sine), dim=-1)


@dataclass
class Routing:
    """What a layer's router did with the N rows: [N, X], [N, X], [N]."""

    probabilities: Tensor
    chosen: Tensor
    log_sum_exp: Tensor


class Pass:
    """One forward pass of a model with its parameters, of any floating-point type."""

    def __init__(self, model: Model, parameters: Dict[str, Tensor], batch: Batch):
        self.model = model
        self.parameters = parameters
        self.batch = batch
        self.routings: List[Routing] = []
        # How far each choice (of experts, of what is clipped) is from going the other way: rounding must not decide it.
        self.margins: List[float] = []
        self.clipped = 0
        stream = parameters["model.embed_tokens.weight"][batch.tokens]
        for layer in range(model.layers):
            self.layer = layer
            stream = self.add(stream, self.attention(self.norm(stream, "input_layernorm")), "self_attn")
            stream = self.add(stream, self.feed_forward(self.norm(stream, "post_attention_layernorm")), "mlp")
        hidden = rms_norm(stream, parameters["model.norm.weight"], model.norm_epsilon)
        classifier = parameters["model.embed_tokens.weight" if model.tied else "lm_head.weight"]
        self.logits = hidden @ classifier.T

    def weight(self, name: str) -> Tensor:
        return self.parameters[f"model.layers.{self.layer}.{name}.weight"]

    def norm(self, x: Tensor, name: str) -> Tensor:
        return rms_norm(x, self.weight(name), self.model.norm_epsilon)

    def add(self, stream: Tensor, branch: Tensor, part: str) -> Tensor:
        """The residual stream behind a branch; sandwich norm before the addition, the clip behind it."""
        if self.model.sandwich_norm:
            branch = self.norm(branch, f"{part}.sandwich_norm")
        stream = stream + branch
        bound = self.model.residual_clip
        if bound > 0:
            self.margins.append((stream.detach().abs() - bound).abs().min().item() / bound)
            self.clipped += int((stream.detach().abs() > bound).sum())
            stream = torch.clamp(stream, -bound, bound)
        return stream

    def attention(self, x: Tensor) -> Tensor:
        """Causal grouped-query attention inside documents, with QK-norm and RoPE. [B, T, D]"""
        model = self.model
        query = rotate(model, self.norm(self.modified("query", x, x @ self.weight("self_attn.q_proj").T), "self_attn.q_norm"))
        key = rotate(model, self.norm(self.modified("key", x, x @ self.weight("self_attn.k_proj").T), "self_attn.k_norm"))
        value = self.modified("value", x, x @ self.weight("self_attn.v_proj").T)
        group = model.heads // model.kv_heads
        key, value = key.repeat_interleave(group, dim=2), value.repeat_interleave(group, dim=2)
        scores = torch.einsum("bthe,bshe->bhts", query, key) / math.sqrt(model.head_dim)
        scores = scores.masked_fill(~self.batch.visible()[:, None], -math.inf)
        output = torch.einsum("bhts,bshe->bthe", torch.softmax(scores, dim=-1), value)
        output = self.modified("sdpa_output", x, output.flatten(2))
        return self.modified("dense_output", x, output.flatten(2) @ self.weight("self_attn.o_proj").T).flatten(2)

    def modified(self, position: str, x: Tensor, y: Tensor) -> Tensor:
        """What attention goes on with at a position, of the values y [B, T, heads * E]: [B, T, heads, E]."""
        modifier = self.model.at(position)
        heads = self.model.heads_at(position)
        if isinstance(modifier, SwitchHeads):
            return self.switched(modifier, x, y.unflatten(2, (heads, modifier.experts, -1)))
        y = y.unflatten(2, (heads, -1))
        if isinstance(modifier, HeadNorm):
            return self.norm(y, "self_attn.sdpa_norm")
        return y if modifier is None else self.gated(modifier, x, y)

    def gated(self, gate: Gate, x: Tensor, y: Tensor) -> Tensor:
        if gate.source == "self":
            logits = y
        else:
            weight = self.weight(f"self_attn.{GATE_NAMES[gate.position]}")
            logits = x @ weight.T if gate.source == "hidden" else weight.T.expand(*x.shape[:2], -1)
            logits = logits.unflatten(2, (y.shape[2], -1))
        scores = ACTIVATIONS[gate.activation](logits)
        if gate.head_shared:
            scores = scores.mean(dim=2, keepdim=True)
        return y * scores if gate.combine == "multiplicative" else y + scores

    def switched(self, switch: SwitchHeads, x: Tensor, y: Tensor) -> Tensor:
        logits = x @ self.weight(f"self_attn.{switch.position}_switch").T
        logits = logits.unflatten(2, (y.shape[2], switch.experts))
        chosen = self.largest(logits, switch.chosen)
        return (torch.sigmoid(logits) * chosen)[..., None].mul(y).sum(dim=3)

    def largest(self, logits: Tensor, count: int, rows: Optional[Tensor] = None) -> Tensor:
        """1 for the largest logits of each row, 0 for the others; only some rows' choices count."""
        ordered = logits.detach().sort(dim=-1, descending=True).values
        if count < logits.shape[-1]:
            gap = ordered[..., count - 1] - ordered[..., count]
            self.margins.append((gap if rows is None else gap[rows]).min().item())
        return (logits >= ordered[..., count - 1 : count]).to(logits.dtype)

    def feed_forward(self, x: Tensor) -> Tensor:
        if self.model.mixture is None:
            return swi_glu(x, *(self.weight(f"mlp.{name}_proj") for name in ("gate", "up", "down")))
        return self.mixture(x.flatten(0, 1)).unflatten(0, x.shape[:2])

    def mixture(self, x: Tensor) -> Tensor:
        """The sum of the chosen experts of each row, weighted by the router's softmax (arXiv 1701.06538). [N, D]"""
        mixture = self.model.mixture
        routed = self.batch.routed().flatten()
        logits = x @ self.weight("mlp.gate").T
        probabilities = torch.softmax(logits, dim=-1) * routed[:, None]
        chosen = self.largest(logits, mixture.chosen, routed) * routed[:, None]
        self.routings.append(Routing(probabilities, chosen, torch.logsumexp(logits, dim=-1) * routed))
        weights = probabilities * chosen
        if mixture.normalised:
            weights = weights / (weights.sum(-1, keepdim=True) + ~routed[:, None])
        experts = zip(*(self.weight(f"mlp.experts.{name}_proj") for name in ("gate", "up", "down")))
        return sum(weights[:, number, None] * swi_glu(x, *expert) for number, expert in enumerate(experts))


def swi_glu(x: Tensor, gate: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """(silu(x Wg^T) * x Wu^T) Wd^T (arXiv 2002.05202)."""
    return (ACTIVATIONS["silu"](x @ gate.T) * (x @ up.T)) @ down.T


@dataclass(frozen=True)
class Weighting:
    """The weights of what is added to the mean cross-entropy: the z-loss, and the two losses of each layer's router."""

    z_loss: float = 0.0
    load_balance: float = 0.0
    router_z_loss: float = 0.0


class Objective:
    """What is differentiated: total, and the parts of it that are compared on their own.

    loss: the mean cross-entropy (nats) over the targets
    load_balance: of each layer, X sum over experts of f P, with f the share of the choices that fell on the expert, a constant, and P
        its mean probability (arXiv 2101.03961); means are over routed rows
    router_z: of each layer, the mean squared log-sum-exp of the router's logits (arXiv 2202.08906)
    total: loss + z_loss * mean squared log-sum-exp of the logits over the targets, and the routers' losses, weighted
    """

    def __init__(self, done: Pass, weighting: Weighting):
        trained = done.batch.targets != IGNORED
        logits = done.logits[trained]
        log_sum_exp = torch.logsumexp(logits, dim=-1)
        self.loss = functional.cross_entropy(logits, done.batch.targets[trained])
        self.total = self.loss + weighting.z_loss * (log_sum_exp**2).mean()
        self.load_balance, self.router_z = [], []
        rows = done.batch.routed().sum()
        for routing in done.routings:
            shares = (routing.chosen.sum(0) / routing.chosen.sum()).detach()
            probability = routing.probabilities.sum(0) / rows
            self.load_balance.append(len(shares) * (shares * probability).sum())
            self.router_z.append((routing.log_sum_exp**2).sum() / rows)
        self.total = self.total + weighting.load_balance * sum(self.load_balance) + weighting.router_z_loss * sum(self.router_z)
