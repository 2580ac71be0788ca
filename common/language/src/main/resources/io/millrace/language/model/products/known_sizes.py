# Rows of experts whose numbers the processor knows, for products of one expert at a time.
import torch
from torch import Tensor
from typing import List, Tuple


def _rows_by_expert(ends_E: Tensor) -> RowsByExpert:
    """The sizes are the only numbers of a step that a device has to tell the processor."""
    ends: List[int] = ends_E.tolist()
    sizes: List[int] = []
    first = 0
    for end in ends:
        sizes.append(end - first)
        first = end
    return RowsByExpert(ends_E, sizes, False)


def _choices_of_rows(sorted_P: Tensor, order_P: Tensor, rows: RowsByExpert) -> Tuple[Tensor, Tensor]:
    """The choice of every row, and the row of every choice."""
    return order_P, _rows_of_choices(order_P, torch.arange(torch.numel(order_P), device=order_P.device))


def _expert_rows(rows: RowsByExpert, x: Tensor) -> List[Tensor]:
    return torch.split_with_sizes(x, rows.sizes, 0)
