# Linear layers of low precision, from the products of rounded operands that another file defines:
# _forward_product, _backward_product and _gradient_product. The legend of products.py holds here.
#
# What a layer gives is rounded to bfloat16; gradients of weights are not: they are added up in float32. Weights are
# rounded from the masters at each use: the same masters give the same values.
import torch
from torch import Tensor


def _result(y_TO: Tensor, like: Tensor) -> Tensor:
    return y_TO.to(torch.bfloat16).to(like.dtype)


def _linear(x_TI: Tensor, w_OI: Tensor) -> Tensor:
    return _result(_forward_product(x_TI, w_OI), x_TI)


def _sum_with_product(residual_TO: Tensor, x_TI: Tensor, w_OI: Tensor) -> Tensor:
    return _linear(x_TI, w_OI).add_(residual_TO)


def _input_gradient(dy_TO: Tensor, w_OI: Tensor) -> Tensor:
    return _result(_backward_product(dy_TO, w_OI), dy_TO)


def _add_input_gradient(dx_TI: Tensor, dy_TO: Tensor, w_OI: Tensor) -> Tensor:
    return dx_TI.add_(_input_gradient(dy_TO, w_OI))


def _add_weight_gradient(gradient_OI: Tensor, dy_TO: Tensor, x_TI: Tensor) -> Tensor:
    return gradient_OI.add_(_gradient_product(dy_TO, x_TI))
