# Linear layers in float32. The legend of products.py holds here.
import torch
from torch import Tensor


def _linear(x_TI: Tensor, w_OI: Tensor) -> Tensor:
    return _times(x_TI, w_OI)


def _sum_with_product(residual_TO: Tensor, x_TI: Tensor, w_OI: Tensor) -> Tensor:
    return _plus_times(residual_TO, x_TI, w_OI)


def _input_gradient(dy_TO: Tensor, w_OI: Tensor) -> Tensor:
    return _times(dy_TO, torch.t(w_OI))


def _add_input_gradient(dx_TI: Tensor, dy_TO: Tensor, w_OI: Tensor) -> Tensor:
    return dx_TI.addmm_(dy_TO, w_OI)


def _add_weight_gradient(gradient_OI: Tensor, dy_TO: Tensor, x_TI: Tensor) -> Tensor:
    return gradient_OI.addmm_(torch.t(dy_TO), x_TI)


def _rows_operand(x_TI: Tensor) -> Tensor:
    return x_TI


def _weights_operand(w_EOI: Tensor) -> Tensor:
    return w_EOI


def _result(y_TO: Tensor, like: Tensor) -> Tensor:
    return y_TO
