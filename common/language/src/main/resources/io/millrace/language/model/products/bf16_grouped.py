# Products of bfloat16 matrices by expert in one operation, which reads from the device how many rows each has
# (TensorCores.java). The legend of products.py holds here.
import torch
from torch import Tensor
from typing import List, Tuple


def _rows_by_expert(ends_E: Tensor) -> RowsByExpert:
    sizes: List[int] = []
    return RowsByExpert(ends_E.to(torch.int32), sizes, False)


def _choices_of_rows(sorted_P: Tensor, order_P: Tensor, rows: RowsByExpert) -> Tuple[Tensor, Tensor]:
    """The choice of every row, and the row of every choice."""
    return order_P, _rows_of_choices(order_P, torch.arange(torch.numel(order_P), device=order_P.device))


def _expert_products(x_PI: Tensor, w_EOI: Tensor, rows: RowsByExpert) -> Tensor:
    """Every expert's linear layer on its rows, [P, O]."""
    return torch._grouped_mm(x_PI, torch.transpose(w_EOI, 1, 2), rows.ends_E)


def _expert_input_gradients(dy_PO: Tensor, w_EOI: Tensor, rows: RowsByExpert) -> Tensor:
    """[P, I]"""
    return torch._grouped_mm(dy_PO, w_EOI, rows.ends_E)


def _add_expert_weight_gradients(
    gradient_EOI: Tensor, dy_PO: Tensor, x_PI: Tensor, rows: RowsByExpert
) -> Tensor:
    return gradient_EOI.add_(torch._grouped_mm(torch.t(dy_PO), x_PI, rows.ends_E))
