# Layers that backbones, necks and heads are made of.
#
# Shape suffixes: N pictures, I and O channels in and out, H and W rows and columns in, h and w out, k a side of a kernel.
# Compiled together with an activation and a file of products.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional


class Run(NamedTuple):
    """How a network is run."""

    learning: bool  # batch normalisation uses the batch's statistics, and moves the running ones
    branches: List[int]  # of a stage with parallel branches, by their numbers; results lie along N, branch by branch


class Norm(NamedTuple):
    """Group normalisation, or batch normalisation if there are running statistics."""

    scale_O: Tensor
    shift_O: Tensor
    mean_O: Optional[Tensor]
    variance_O: Optional[Tensor]
    group: int  # channels that are normalised together
    momentum: float  # how far a batch moves the running statistics; 0: they are frozen


class Conv(NamedTuple):
    """A convolution, normalised if it has a norm; square, padded alike on all sides."""

    weight_OIkk: Tensor
    bias_O: Optional[Tensor]
    norm: Optional[Norm]
    slope: Optional[Tensor]  # of its activation, if that has one
    stride: int
    padding: int
    dilation: int


class Linear(NamedTuple):
    """A fully connected layer."""

    weight_OI: Tensor
    bias_O: Tensor
    slope: Optional[Tensor]  # of its activation, if that has one


def precise(x: Tensor) -> Tensor:
    """In the number format of losses and boxes."""
    return x.to(precise_type(x))


def precise_like(x: Tensor) -> Tensor:
    """No values at all, in that format and on the same device."""
    return precise(torch.narrow(x, 0, 0, 0))


def normalise(y_NOhw: Tensor, norm: Norm, run: Run) -> Tensor:
    mean = norm.mean_O
    variance = norm.variance_O
    if mean is None or variance is None:
        groups = torch.size(y_NOhw, 1) // norm.group
        y = torch.group_norm(precise(y_NOhw), groups, norm.scale_O, norm.shift_O, 1e-5).to(y_NOhw.dtype)
    else:
        moving = run.learning and norm.momentum > 0.0
        y = torch.batch_norm(
            y_NOhw, norm.scale_O, norm.shift_O, mean.detach(), variance.detach(), moving, norm.momentum, 1e-5, True
        )
    return y


def dilated_conv(x_NIHW: Tensor, conv: Conv, dilation: int, run: Run) -> Tensor:
    """The convolution with another dilation, padded so that the size stays."""
    padding = conv.padding * dilation // conv.dilation
    y = convolved(x_NIHW, conv, padding, dilation)
    norm = conv.norm
    if norm is not None:
        y = normalise(y, norm, run)
    return y


def plain_conv(x_NIHW: Tensor, conv: Conv, run: Run) -> Tensor:
    return dilated_conv(x_NIHW, conv, conv.dilation, run)


def active_conv(x_NIHW: Tensor, conv: Conv, run: Run) -> Tensor:
    return activate(plain_conv(x_NIHW, conv, run), conv.slope)


def predicted(x_NIHW: Tensor, conv: Conv, run: Run) -> Tensor:
    """What a head says in its last convolution."""
    return precise(plain_conv(x_NIHW, conv, run))


def plain_linear(x_NI: Tensor, layer: Linear) -> Tensor:
    return multiplied(x_NI, layer)


def active_linear(x_NI: Tensor, layer: Linear) -> Tensor:
    return activate(plain_linear(x_NI, layer), layer.slope)


def predicted_values(x_NI: Tensor, layer: Linear) -> Tensor:
    """What a head says in its last layer."""
    return precise(plain_linear(x_NI, layer))


def size_of(x_NCHW: Tensor) -> List[int]:
    """Rows and columns."""
    return [torch.size(x_NCHW, 2), torch.size(x_NCHW, 3)]


def for_branches(levels: List[Tensor]) -> List[Tensor]:
    """Levels from before a stage with branches, once for each branch, so that all have as many pictures."""
    pictures = torch.size(levels[len(levels) - 1], 0)
    repeated: List[Tensor] = []
    for level in levels:
        copies: List[Tensor] = [level]
        while len(copies) * torch.size(level, 0) < pictures:
            copies.append(level)
        if len(copies) == 1:
            repeated.append(level)
        else:
            repeated.append(torch.cat(copies))
    return repeated


def _channels(red: float, green: float, blue: float, like: Tensor) -> Tensor:
    # torch.tensor would round them to float32 first.
    values: List[Tensor] = []
    for value in [red, green, blue]:
        values.append(torch.full([1, 1], value, dtype=like.dtype, device=like.device))
    return torch.stack(values)


def imagenet_normalised(x_N3HW: Tensor) -> Tensor:
    """Red, green and blue of [-1, 1] as weights that were trained on ImageNet expect them."""
    mean_311 = _channels(0.485, 0.456, 0.406, x_N3HW)
    deviation_311 = _channels(0.229, 0.224, 0.225, x_N3HW)
    return x_N3HW * (0.5 / deviation_311) + (0.5 - mean_311) / deviation_311
