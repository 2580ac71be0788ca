# Features less their mean, by their standard deviation, of those that were observed.
#
# Shape suffixes: N examples, D numbers of a feature.
import torch
from torch import Tensor
from typing import NamedTuple


class Statistics(NamedTuple):
    count_1: Tensor  # of the examples observed
    mean_D: Tensor
    squares_D: Tensor  # sums of squared distances from the mean


class Scaling(NamedTuple):
    """What statistics make of a feature."""

    scale_D: Tensor
    shift_D: Tensor


def merge(x_ND: Tensor, before: Statistics) -> Tensor:
    """Takes further examples into the statistics (Chan, Golub and LeVeque 1983); how many there are now."""
    x_ND = x_ND.to(torch.float64)
    count_1 = before.count_1.to(torch.float64)
    examples = torch.size(x_ND, 0)
    mean_D = torch.mean(x_ND, [0])
    squares_D = torch.sum(torch.square(x_ND - mean_D), [0])
    both_1 = count_1 + examples
    apart_D = mean_D - before.mean_D
    torch.copy_(before.squares_D, before.squares_D + squares_D + torch.square(apart_D) * (count_1 * examples / both_1))
    torch.copy_(before.mean_D, before.mean_D + apart_D * (examples / both_1))
    torch.copy_(before.count_1, both_1)
    return before.count_1


def scaling_of(of: Statistics) -> Scaling:
    """A number that never changes is only shifted: what is left of it is rounding."""
    mean_D = of.mean_D.detach()
    variance_D = of.squares_D.detach() / torch.clamp(of.count_1.detach(), 1.0)
    constant_D = variance_D <= 1e-12 * torch.square(mean_D)
    scale_D = torch.where(constant_D, torch.ones_like(variance_D), torch.rsqrt(variance_D))
    return Scaling(scale_D, -mean_D * scale_D)


def scaled(x_ND: Tensor, by: Scaling) -> Tensor:
    """One operation for all rows; it rounds as much as float32 did when it took numbers so far from 0."""
    return torch.addcmul(by.shift_D, x_ND, by.scale_D)
