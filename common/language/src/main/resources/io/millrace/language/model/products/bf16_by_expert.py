# Products of bfloat16 matrices by expert, one after the other. The legend of products.py holds here.
import torch
from torch import Tensor
from typing import List


def _expert_products(x_PI: Tensor, w_EOI: Tensor, rows: RowsByExpert) -> Tensor:
    """Every expert's linear layer on its rows, [P, O]."""
    y_PO = torch.empty([torch.size(x_PI, 0), torch.size(w_EOI, 1)], dtype=x_PI.dtype, device=x_PI.device)
    xs = _expert_rows(rows, x_PI)
    ys = _expert_rows(rows, y_PO)
    experts = torch.unbind(torch.transpose(w_EOI, 1, 2), 0)
    for e in range(len(rows.sizes)):
        torch.mm(xs[e], experts[e], out=ys[e])
    return y_PO


def _expert_input_gradients(dy_PO: Tensor, w_EOI: Tensor, rows: RowsByExpert) -> Tensor:
    """[P, I]"""
    return _expert_products(dy_PO, torch.transpose(w_EOI, 1, 2), rows)


def _add_expert_weight_gradients(
    gradient_EOI: Tensor, dy_PO: Tensor, x_PI: Tensor, rows: RowsByExpert
) -> Tensor:
    """All experts' in one tensor, zeros for those without rows."""
    found_EOI = torch.empty(torch.size(gradient_EOI), dtype=x_PI.dtype, device=x_PI.device)
    found = torch.unbind(found_EOI, 0)
    dys = _expert_rows(rows, dy_PO)
    xs = _expert_rows(rows, x_PI)
    for e in range(len(rows.sizes)):
        torch.mm(torch.t(dys[e]), xs[e], out=found[e])
    return gradient_EOI.add_(found_EOI)
