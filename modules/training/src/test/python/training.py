"""Steps of AdamW with a warm-up and a cosine, on a decoder."""

import math
from dataclasses import dataclass, field
from typing import Dict, List

import torch
from torch import Tensor

from decoder import Batch, Model, Objective, Pass, Weighting


@dataclass(frozen=True)
class Settings:
    """clip: the global gradient norm above which gradients are scaled down to it; 0 for none"""

    learning_rate: float = 1e-2
    final_learning_rate: float = 1e-3
    warmup_steps: int = 3
    steps: int = 10
    beta1: float = 0.9
    beta2: float = 0.95
    epsilon: float = 1e-8
    weight_decay: float = 0.1
    clip: float = 0.5
    weighting: Weighting = Weighting()


def learning_rate(settings: Settings, step: int) -> float:
    """A line up to the peak, which the last step of the warm-up has, then a cosine to the floor, which the last step of all has."""
    number = step + 1
    if number <= settings.warmup_steps:
        return settings.learning_rate * number / settings.warmup_steps
    progress = (number - settings.warmup_steps) / (settings.steps - settings.warmup_steps)
    return settings.final_learning_rate + (settings.learning_rate - settings.final_learning_rate) * (1 + math.cos(math.pi * progress)) / 2


def is_decayed(parameter: Tensor) -> bool:
    """Weight decay is for matrices, embedding and classifier included: not for norms, nor for gates learned without an input, [S, 1]."""
    return parameter.dim() > 1 and parameter.shape[-1] > 1


@dataclass
class Trained:
    """What happened in each step, before its update, and the parameters behind the last."""

    parameters: Dict[str, Tensor]
    losses: List[float] = field(default_factory=list)
    norms: List[float] = field(default_factory=list)
    learning_rates: List[float] = field(default_factory=list)
    margins: List[float] = field(default_factory=list)
    clipped: int = 0
    smallest_gradient: float = 0.0


def smallest_gradient(parameters: Dict[str, Tensor]) -> float:
    """The smallest gradient that is not 0, as a share of the root of the mean square of all."""
    gradients = torch.cat([value.grad.flatten() for value in parameters.values()]).abs()
    return (gradients[gradients > 0].min() / (gradients**2).mean().sqrt()).item()


def train(model: Model, start: Dict[str, Tensor], batches: List[Batch], settings: Settings) -> Trained:
    parameters = {name: value.clone().requires_grad_() for name, value in start.items()}
    decayed = [value for value in parameters.values() if is_decayed(value)]
    undecayed = [value for value in parameters.values() if not is_decayed(value)]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": undecayed, "weight_decay": 0.0}],
        betas=(settings.beta1, settings.beta2),
        eps=settings.epsilon,
    )
    trained = Trained(parameters)
    for step, batch in enumerate(batches):
        done = Pass(model, parameters, batch)
        objective = Objective(done, settings.weighting)
        optimizer.zero_grad()
        objective.total.backward()
        if step == 0:
            trained.smallest_gradient = smallest_gradient(parameters)
        norm = math.sqrt(sum((value.grad.double() ** 2).sum().item() for value in parameters.values()))
        # Not torch.nn.utils.clip_grad_norm_, which divides by the norm + 1e-6.
        if 0 < settings.clip < norm:
            trained.clipped += 1
            for value in parameters.values():
                value.grad.mul_(settings.clip / norm)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(settings, step)
        optimizer.step()
        trained.losses.append(objective.loss.item())
        trained.norms.append(norm)
        trained.learning_rates.append(learning_rate(settings, step))
        trained.margins += done.margins
    return trained
