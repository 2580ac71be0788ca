# Linear layers of bfloat16 tensors, by tensor cores: weights are copies of the masters, made once a step. Sums are
# float32 inside of a product; gradients of weights are rounded once a batch and added up in float32. The legend of
# products.py holds here.
import torch
from torch import Tensor


def _linear(x_TI: Tensor, w_OI: Tensor) -> Tensor:
    return torch.mm(x_TI, torch.t(w_OI))


def _sum_with_product(residual_TO: Tensor, x_TI: Tensor, w_OI: Tensor) -> Tensor:
    return torch.addmm(residual_TO, x_TI, torch.t(w_OI))


def _input_gradient(dy_TO: Tensor, w_OI: Tensor) -> Tensor:
    return torch.mm(dy_TO, w_OI)


def _add_input_gradient(dx_TI: Tensor, dy_TO: Tensor, w_OI: Tensor) -> Tensor:
    return dx_TI.addmm_(dy_TO, w_OI)


def _add_weight_gradient(gradient_OI: Tensor, dy_TO: Tensor, x_TI: Tensor) -> Tensor:
    return gradient_OI.add_(torch.mm(torch.t(dy_TO), x_TI))
