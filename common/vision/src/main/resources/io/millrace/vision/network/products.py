# The products that layers are made of. What a network costs is counted with counted_products.py in the place of this file.
import torch
from torch import Tensor


def convolved(x_NIHW: Tensor, conv: Conv, padding: int, dilation: int) -> Tensor:
    return torch.conv2d(
        x_NIHW, conv.weight_OIkk, conv.bias_O, [conv.stride, conv.stride], [padding, padding], [dilation, dilation]
    )


def multiplied(x_NI: Tensor, layer: Linear) -> Tensor:
    return torch.linear(x_NI, layer.weight_OI, layer.bias_O)
