# Layers in the numbers of their weights: float32, or float64 where gradients are checked.
#
# A file of products defines the number format of losses and boxes, and the two products of layers.
import torch
from torch import Tensor


def precise_type(like: Tensor) -> int:
    return like.dtype


def convolved(x_NIHW: Tensor, conv: Conv, padding: int, dilation: int) -> Tensor:
    return torch.conv2d(
        x_NIHW, conv.weight_OIkk, conv.bias_O, [conv.stride, conv.stride], [padding, padding], [dilation, dilation]
    )


def multiplied(x_NI: Tensor, layer: Linear) -> Tensor:
    return torch.linear(x_NI, layer.weight_OI, layer.bias_O)
