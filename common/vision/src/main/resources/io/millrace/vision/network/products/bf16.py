# Layers in bfloat16, of weights that are rounded once a step. Sums within a product are float32, what a layer gives is
# bfloat16; losses and boxes are float32.
import torch
from torch import Tensor
from typing import List


def rounded(weights: List[Tensor]) -> List[Tensor]:
    """Copies of a layer's tensors; those of convolutions with channels last in memory, as maps have them."""
    copies: List[Tensor] = []
    for weight in weights:
        copy = weight.to(torch.bfloat16)
        if torch.dim(copy) == 4:
            copy = torch.contiguous(copy, memory_format=torch.channels_last)
        copies.append(copy)
    return copies


def precise_type(like: Tensor) -> int:
    return torch.float32


def convolved(x_NIHW: Tensor, conv: Conv, padding: int, dilation: int) -> Tensor:
    return torch.conv2d(
        x_NIHW.to(torch.bfloat16),
        conv.weight_OIkk,
        conv.bias_O,
        [conv.stride, conv.stride],
        [padding, padding],
        [dilation, dilation],
    )


def multiplied(x_NI: Tensor, layer: Linear) -> Tensor:
    return torch.linear(x_NI.to(torch.bfloat16), layer.weight_OI, layer.bias_O)
