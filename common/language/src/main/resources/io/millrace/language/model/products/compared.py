# What ScaledProducts compares of two choices of products, whose helpers no caller outside of kernels sees.
import torch
from torch import Tensor
from typing import Tuple


def products(x_TI: Tensor, w_OI: Tensor, dy_TO: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    """All three of a layer: what it gives, the gradients of what it read and of its weights."""
    gradient_OI = torch.zeros_like(w_OI)
    return _linear(x_TI, w_OI), _input_gradient(dy_TO, w_OI), _add_weight_gradient(gradient_OI, dy_TO, x_TI)


def distance(found: Tensor, expected: Tensor) -> Tensor:
    """Relative to the norm of what is expected."""
    return torch.norm(found - expected) / torch.norm(expected)
