# CenterNet's heat maps learned by how much of what is found is there (F1, Dice, Tversky): a cell is a centre or none, and what
# is found beside a centre counts as little as in the focal loss. Sums are of all batches of a step.
#
# Shape suffixes: N pictures, C classes, h and w rows and columns of the maps.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional


class Overlap(NamedTuple):
    """Of a step."""

    setting: LossSetting
    pictures: float
    sums_3C: Tensor  # see heat_sums


def _overlap(numbers: List[float], like: Tensor) -> Overlap:
    """From the numbers that Java puts together: those of LearningPhase, and the sums of `measured`."""
    temperature, positive, alpha, beta, pictures, = numbers[:5]
    setting = LossSetting(temperature, 1.0, 0, int(positive), alpha, beta)
    values: List[Tensor] = []
    for value in numbers[5:]:
        # torch.tensor would round them to float32 first.
        values.append(torch.full([], value, dtype=like.dtype, device=like.device))
    return Overlap(setting, pictures, torch.reshape(torch.stack(values), [3, -1]))


def heat_sums(logits: Tensor, target: Tensor, counted: Optional[Tensor], temperature: float) -> Tensor:
    """For each class how much is found of centres, is found at all, and is a centre: [3, C]."""
    found = torch.sigmoid(logits * temperature)
    centre = (target == 1.0).to(logits.dtype)
    weight = torch.pow(1.0 - target, 4)
    if counted is not None:
        weight = weight * counted
    maps = [0, 2, 3]
    return torch.stack([
        torch.sum(found * centre, maps),
        torch.sum(class_amount(found) * (weight + centre), maps),
        torch.sum(centre, maps),
    ])


def heat_part(
    logits: Tensor, target: Tensor, counted: Optional[Tensor], centres: float, sums: List[float]
) -> Tensor:
    """A batch's share of the loss; with its own part of the gradient of all of it."""
    overlap = _overlap(sums, logits)
    own_3C = heat_sums(logits, target, counted, overlap.setting.temperature)
    both_C, found_C, true_C, = torch.unbind(overlap.sums_3C + (own_3C - own_3C.detach()))
    loss = 1.0 - class_average(both_C, found_C, true_C, overlap.setting)
    share = torch.size(logits, 0) / overlap.pictures
    return loss - loss.detach() * (1.0 - share)


def measured(
    network: Network, rgb_NHW3: Tensor, affine_N23: Tensor, tones_N2: Tensor, task: Task, temperature: float,
    branches: List[int]
) -> Tensor:
    """The number of pictures, then the sums, of a batch as it is learned from: to be added up over all of a step."""
    run = Run(True, branches)
    x_NCHW = augmented(_normalised(rgb_NHW3, network), affine_N23, tones_N2)
    logits, _box, = _maps(_levels(x_NCHW, network, run), network.head, run)
    target, counting, = heat_target(logits, network.head, task.prepared)
    sums = torch.flatten(heat_sums(logits, target, counting, temperature)).to(torch.float64)
    pictures = torch.full([1], task.truth.pictures, dtype=sums.dtype, device=sums.device)
    return torch.cat([pictures, sums])
