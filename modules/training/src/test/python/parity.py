"""Writes what PyTorch makes of small models, for tests that compare Sluice with it: the folders below src/test/resources/parity.

    python3 modules/training/src/test/python/parity.py

Needs PyTorch and NumPy (Debian's python3-torch and python3-numpy); the same PyTorch on the same kind of CPU writes the same bytes. Each
folder has a model in one of the formats that Sluice reads, and expected.safetensors: input, logits, loss and gradients, or what came of
ten training steps, in float32. Everything is computed a second time in float64; the relative distance between the two is printed, and
written as `rounding.QUANTITY`, so that nobody need guess what rounding alone does. Of some passes float64 is kept as well, in
expected-float64.safetensors.
"""

import itertools
import shutil
import zlib
from pathlib import Path
from typing import Dict, Tuple

import numpy
import torch
from torch import Tensor

from cases import IN_FLOAT64, PassCase, StepsCase, pass_cases, steps_cases
from decoder import IGNORED, Batch, Model, Objective, Pass, parameter_shapes
from formats import write_model, write_safetensors
from training import train

RESOURCES = Path(__file__).parent.parent / "resources" / "parity"
# How far a choice must be from going the other way: much more than rounding, in ten steps too.
CLEAR = 2e-4
# The least share of the root mean square that a gradient of the first step may have. Adam's first step is g / (|g| + epsilon), almost of full
# length however small g is, so rounding must not be a part of g.
SMALLEST_GRADIENT = 3e-5
# How far PyTorch's own gradients may be from those in float64, so that a tolerance of 1e-5 tells a fault from rounding. Where the terms of a
# small gradient cancel, as in those of the QK-norm, they can be farther; then the case is drawn anew.
CONDITIONED = 2e-6


def draw(model: Model, random: numpy.random.RandomState) -> Dict[str, Tensor]:
    """Parameters that are far from 0 and 1, so that every formula shows. Those of norms are 1 + what Qwen3-Next stores of them."""
    parameters = {}
    for name, shape in parameter_shapes(model).items():
        normal = torch.from_numpy(random.standard_normal(shape).astype(numpy.float32))
        if len(shape) == 1:
            parameters[name] = 1 + (256 * 0.2 * normal).round() / 256
        else:
            parameters[name] = normal * (0.6 if shape[-1] == 1 else 0.9 if "embed" in name else 1.2 * shape[-1] ** -0.5)
    return parameters


def draw_blocks(model: Model, blocks: int, length: int, random: numpy.random.RandomState) -> Tuple[Tensor, Tensor]:
    """Tokens [blocks, length + 1], and 1 where a document starts; the third document of the first block has a single token."""
    tokens = torch.from_numpy(random.randint(0, model.vocabulary, (blocks, length + 1)))
    starts = torch.zeros_like(tokens)
    starts[:, 0] = 1
    for block in range(blocks):
        starts[block, random.choice(numpy.arange(2, length + 1), block % 3, replace=False)] = 1
    starts[0, [length // 2, length // 2 + 1]] = 1
    return tokens, starts


def batch_of(tokens: Tensor, starts: Tensor) -> Batch:
    """Each position predicts the next token of its document and sees those of its document."""
    positions = torch.arange(tokens.shape[1] - 1)
    first_visible = torch.where(starts[:, :-1] == 1, positions, 0).cummax(dim=1).values
    return Batch(tokens[:, :-1], torch.where(starts[:, 1:] == 1, IGNORED, tokens[:, 1:]), first_visible)


def relative(found: Tensor, expected: Tensor) -> float:
    assert expected.abs().max() > 0, "nothing to compare with"
    return (torch.linalg.vector_norm(found.double() - expected.double()) / torch.linalg.vector_norm(expected.double())).item()


def roundings(float32: Dict[str, Tensor], float64: Dict[str, Tensor]) -> Dict[str, float]:
    """The largest relative distance of each quantity, those of all parameters together."""
    largest: Dict[str, float] = {}
    for name, expected in float64.items():
        quantity = name.split(".")[0]
        largest[quantity] = max(largest.get(quantity, 0), relative(float32[name], expected))
    return largest


def clear(margins, clips: bool, clipped: int) -> bool:
    return min(margins, default=1) > CLEAR and (clipped > 0 or not clips)


def pass_quantities(case: PassCase, parameters: Dict[str, Tensor], batch: Batch) -> Tuple[Dict[str, Tensor], Pass]:
    leaves = {name: value.clone().requires_grad_() for name, value in parameters.items()}
    done = Pass(case.model, leaves, batch)
    objective = Objective(done, case.weighting)
    objective.total.backward()
    quantities = {"logits": done.logits, "loss": objective.loss.reshape(1)}
    if case.model.mixture is not None:
        quantities["router_losses"] = torch.stack(objective.load_balance + objective.router_z)
    quantities.update({f"gradient.{name}": value.grad for name, value in leaves.items()})
    return {name: value.detach() for name, value in quantities.items()}, done


def write_pass(case: PassCase) -> Dict[str, float]:
    for attempt in itertools.count():
        random = numpy.random.RandomState(zlib.crc32(case.name.encode()) + attempt)
        parameters = draw(case.model, random)
        batch = batch_of(*draw_blocks(case.model, case.sequences, case.length, random))
        batch.targets[torch.from_numpy(random.random_sample(batch.targets.shape) < 0.1)] = IGNORED
        quantities, done = pass_quantities(case, parameters, batch)
        exact, _ = pass_quantities(case, {name: value.double() for name, value in parameters.items()}, batch)
        rounding = roundings(quantities, exact)
        if clear(done.margins, case.model.residual_clip > 0, done.clipped) and rounding["gradient"] < CONDITIONED:
            break
        print("    drawn anew:", case.name, f"margin {min(done.margins, default=1):.1e}, rounding {rounding['gradient']:.1e}")
    inputs = {"tokens": batch.tokens, "targets": batch.targets, "first_visible": batch.first_visible}
    settings = {"family": case.family, **numbers(vars(case.weighting))}
    folder = write("passes", case, parameters, {**integers(inputs), **quantities}, rounding, settings)
    if case.name in IN_FLOAT64:
        write_safetensors(folder / "expected-float64.safetensors", {**integers(inputs), **exact}, settings)
    return rounding


def steps_quantities(case: StepsCase, start: Dict[str, Tensor], batches) -> Tuple[Dict[str, Tensor], bool]:
    trained = train(case.model, start, batches, case.settings)
    quantities = {
        "losses": torch.tensor(trained.losses, dtype=torch.float64),
        "gradient_norms": torch.tensor(trained.norms, dtype=torch.float64),
        "learning_rates": torch.tensor(trained.learning_rates, dtype=torch.float64),
    }
    for name, value in trained.parameters.items():
        quantities[f"parameter.{name}"] = value.detach()
        quantities[f"change.{name}"] = value.detach() - start[name]
    is_clear = clear(trained.margins, case.settings.clip > 0, trained.clipped)
    return quantities, is_clear and trained.smallest_gradient > SMALLEST_GRADIENT


def write_steps(case: StepsCase) -> Dict[str, float]:
    for attempt in itertools.count():
        random = numpy.random.RandomState(zlib.crc32(case.name.encode()) + attempt)
        start = draw(case.model, random)
        drawn = [draw_blocks(case.model, case.blocks, case.length, random) for _ in range(case.settings.steps)]
        batches = [batch_of(*blocks) for blocks in drawn]
        quantities, is_clear = steps_quantities(case, start, batches)
        if is_clear:
            break
        print("    drawn anew:", case.name)
    exact, _ = steps_quantities(case, {name: value.double() for name, value in start.items()}, batches)
    rounding = roundings(quantities, exact)
    kept = {name: value for name, value in quantities.items() if not name.startswith("change.")}
    inputs = {"tokens": torch.stack([tokens for tokens, _ in drawn]), "document_starts": torch.stack([starts for _, starts in drawn])}
    numeric = {name: value for name, value in vars(case.settings).items() if name != "weighting"}
    settings = {"family": case.family, **numbers({**numeric, **vars(case.settings.weighting)})}
    write("steps", case, start, {**integers(inputs), **kept}, rounding, settings)
    return rounding


def integers(tensors: Dict[str, Tensor]) -> Dict[str, Tensor]:
    return {name: value.to(torch.int32) for name, value in tensors.items()}


def numbers(settings: Dict) -> Dict[str, str]:
    return {name: repr(value) for name, value in settings.items()}


def write(
    kind: str, case, parameters: Dict[str, Tensor], tensors: Dict[str, Tensor], rounding: Dict[str, float], settings: Dict[str, str]
) -> Path:
    folder = RESOURCES / kind / case.name
    folder.mkdir(parents=True)
    write_model(folder, case.format, case.model, parameters)
    roundings_written = {f"rounding.{name}": repr(value) for name, value in rounding.items()}
    write_safetensors(folder / "expected.safetensors", tensors, {**settings, **roundings_written})
    return folder


def main() -> None:
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    shutil.rmtree(RESOURCES, ignore_errors=True)
    print(f"PyTorch {torch.__version__}; the relative distance of float32 from float64:")
    for case in pass_cases():
        print("passes", case.name, {name: f"{value:.1e}" for name, value in write_pass(case).items()})
    for case in steps_cases():
        print("steps", case.name, {name: f"{value:.1e}" for name, value in write_steps(case).items()})
    size = sum(file.stat().st_size for file in RESOURCES.rglob("*") if file.is_file())
    print(f"{size} bytes in {RESOURCES}")


if __name__ == "__main__":
    main()
