# Products that give zeros of the right shape, and count how often each weight is used: in its own first value.
# Weights are zeros that share one value, so that no network is too large to be counted.
import torch
from torch import Tensor
from typing import List


def precise_type(like: Tensor) -> int:
    return like.dtype


def _used(weight: Tensor, times: int) -> None:
    torch.add_(torch.as_strided(weight, [1], [1], 0), times)


def _zeros(like: Tensor, shape: List[int]) -> Tensor:
    return torch.zeros(shape, dtype=like.dtype, device=like.device)


def _along(side: int, kernel: int, conv: Conv, padding: int, dilation: int) -> int:
    return (side + 2 * padding - dilation * (kernel - 1) - 1) // conv.stride + 1


def convolved(x_NIHW: Tensor, conv: Conv, padding: int, dilation: int) -> Tensor:
    n, _channels, height, width, = torch.size(x_NIHW)
    kernel = torch.size(conv.weight_OIkk, 2)
    rows = _along(height, kernel, conv, padding, dilation)
    columns = _along(width, kernel, conv, padding, dilation)
    _used(conv.weight_OIkk, n * rows * columns)
    return _zeros(x_NIHW, [n, torch.size(conv.weight_OIkk, 0), rows, columns])


def multiplied(x_NI: Tensor, layer: Linear) -> Tensor:
    _used(layer.weight_OI, torch.size(x_NI, 0))
    return _zeros(x_NI, [torch.size(x_NI, 0), torch.size(layer.weight_OI, 0)])
