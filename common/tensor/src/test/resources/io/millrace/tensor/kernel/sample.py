# Functions that the tests of the kernel compiler call.
from typing import List, NamedTuple, Optional, Tuple
import torch
from torch import Tensor


def _gated(x: Tensor, w: Tensor) -> Tensor:
    return torch.silu(x) * w


def gated(
    x: Tensor,  # [T, D]
    w: Tensor,
) -> Tensor:
    """SiLU gate."""
    return _gated(x, w)


def gated_gradients(x: Tensor, w: Tensor) -> Tuple[Tensor, List[Tensor]]:
    x_leaf = x.detach().requires_grad_()
    w_leaf = w.detach().requires_grad_()
    y = _gated(x_leaf, w_leaf).sum()
    grads: List[Tensor] = []
    for g in torch.grad([y], [x_leaf, w_leaf]):
        if g is not None:
            grads.append(g)
    return y.detach(), grads


def scaled_sum(xs: List[Tensor], scale: float, times: int, negate: bool, shape: List[int]) -> Tensor:
    total = torch.zeros(shape)
    for x in xs:
        for _i in range(times):
            total = total + x * scale
    if negate:
        total = -total
    return total


def doubled_(x: Tensor, y: Tensor) -> Tensor:
    return y.copy_(x * 2.0)


class Scale(NamedTuple):
    factor: float
    offset_D: Optional[Tensor]  # none: 0


class Step(NamedTuple):
    """One of several."""

    scale: Scale
    times: int
    last: Optional[Scale]


class Sample(NamedTuple):
    steps: List[Step]
    weights: List[Tensor]
    shape: List[int]
    powers: List[float]
    base_D: Tensor
    negated: bool


class Kept(NamedTuple):
    # Only kernels make it: a field has a type that Java cannot give.
    pair: Tuple[Tensor, Tensor]
    sample: Optional[Sample]


def _scaled(x_D: Tensor, scale: Scale) -> Tensor:
    offset_D = scale.offset_D
    y_D = x_D * scale.factor
    if offset_D is not None:
        y_D = y_D + offset_D
    return y_D


def _keep(x: Tensor, sample: Sample) -> Kept:
    return Kept((x, x), sample)


def by_steps(sample: Sample) -> Tensor:
    """Every part of a sample once."""
    x_D = sample.base_D
    for step in sample.steps:
        for _i in range(step.times):
            x_D = _scaled(x_D, step.scale)
        last = step.last
        if last is not None:
            x_D = _scaled(x_D, last)
    for i, power in enumerate(sample.powers):
        x_D = x_D + sample.weights[i] ** power
    if sample.negated:
        x_D = -x_D
    x, _same = _keep(x_D, sample).pair
    return torch.reshape(x, sample.shape).to(torch.float64)


def as_channels_last(x_NChw: Tensor) -> Tensor:
    return torch.contiguous(x_NChw.to(torch.float64), memory_format=torch.channels_last)


def base_gradient(sample: Sample) -> Tensor:
    """Of the sum of by_steps."""
    found = torch.grad([torch.sum(by_steps(sample))], [sample.base_D])
    gradient = found[0]
    assert gradient is not None
    return gradient
