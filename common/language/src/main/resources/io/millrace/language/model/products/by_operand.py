# Products of operands, which a precision rounds (bf16.py, fp8.py) or leaves as they are (f32.py):
#   _rows_operand      what is multiplied by weights, or by transposed ones
#   _weights_operand   those weights, of each matrix if there is a dimension before these two
#   _columns_operand   either one of a gradient of weights
#   _result            what becomes of what a layer gives
# The legend of products.py holds here.
import torch
from torch import Tensor
from typing import List


def _forward_product(x_TI: Tensor, w_OI: Tensor) -> Tensor:
    return torch.mm(_rows_operand(x_TI), torch.t(_weights_operand(w_OI)))


def _backward_product(dy_TO: Tensor, w_OI: Tensor) -> Tensor:
    return torch.mm(_rows_operand(dy_TO), _weights_operand(w_OI))


def _gradient_product(dy_TO: Tensor, x_TI: Tensor) -> Tensor:
    return torch.mm(torch.t(_columns_operand(dy_TO)), _columns_operand(x_TI))


def _expert_products(x_PI: Tensor, w_EOI: Tensor, rows: RowsByExpert) -> Tensor:
    """Every expert's linear layer on its rows, [P, O]."""
    operand = _rows_operand(x_PI)
    xs = _expert_rows(rows, operand)
    experts = torch.unbind(_weights_operand(w_EOI), 0)
    y_PO = torch.empty(
        [torch.size(x_PI, 0), torch.size(w_EOI, 1)], dtype=operand.dtype, device=x_PI.device)
    results = _expert_rows(rows, y_PO)
    for e in range(len(rows.sizes)):
        torch.mm(xs[e], torch.t(experts[e]), out=results[e])
    return _result(y_PO, x_PI)


def _expert_input_gradients(dy_PO: Tensor, w_EOI: Tensor, rows: RowsByExpert) -> Tensor:
    """[P, I]"""
    operand = _rows_operand(dy_PO)
    xs = _expert_rows(rows, operand)
    experts = torch.unbind(_weights_operand(w_EOI), 0)
    dx_PI = torch.empty(
        [torch.size(dy_PO, 0), torch.size(w_EOI, 2)], dtype=operand.dtype, device=dy_PO.device)
    results = _expert_rows(rows, dx_PI)
    for e in range(len(rows.sizes)):
        torch.mm(xs[e], experts[e], out=results[e])
    return _result(dx_PI, dy_PO)
