# What PrecisionTest calls of the products, whose helpers no caller outside of kernels sees.
import torch
from torch import Tensor
from typing import List


def linear(x_TI: Tensor, w_OI: Tensor) -> Tensor:
    return _linear(x_TI, w_OI)


def input_gradient(dy_TO: Tensor, w_OI: Tensor) -> Tensor:
    return _input_gradient(dy_TO, w_OI)


def add_weight_gradient(gradient_OI: Tensor, dy_TO: Tensor, x_TI: Tensor) -> Tensor:
    return _add_weight_gradient(gradient_OI, dy_TO, x_TI)


def _by_expert(sizes: List[int]) -> RowsByExpert:
    return _rows_by_expert(torch.cumsum(torch.tensor(sizes), 0))


def expert_products(x_PI: Tensor, w_EOI: Tensor, sizes: List[int]) -> Tensor:
    return _expert_products(x_PI, w_EOI, _by_expert(sizes))


def expert_input_gradients(dy_PO: Tensor, w_EOI: Tensor, sizes: List[int]) -> Tensor:
    return _expert_input_gradients(dy_PO, w_EOI, _by_expert(sizes))


def add_expert_weight_gradients(
    gradient_EOI: Tensor, dy_PO: Tensor, x_PI: Tensor, sizes: List[int]
) -> Tensor:
    return _add_expert_weight_gradients(gradient_EOI, dy_PO, x_PI, _by_expert(sizes))
