# Rows of experts whose numbers the processor knows, for products of one expert at a time.
import torch
from torch import Tensor
from typing import List


def _rows_by_expert(ends_E: Tensor) -> RowsByExpert:
    """The sizes are the only numbers of a step that a device has to tell the processor."""
    ends: List[int] = ends_E.tolist()
    sizes: List[int] = []
    first = 0
    for end in ends:
        sizes.append(end - first)
        first = end
    return RowsByExpert(ends_E, sizes)


def _expert_rows(rows: RowsByExpert, x: Tensor) -> List[Tensor]:
    return torch.split_with_sizes(x, rows.sizes, 0)
