# As known_sizes.py, with rows filled in until each expert's number of them is a multiple: cuBLAS chooses a kernel for
# every new size, which took three quarters of a step while sizes changed from step to step. Gates of 0 keep such
# rows from all results and gradients.
import torch
from torch import Tensor
from typing import List, Tuple


def _multiple(choices: int, experts: int) -> int:
    """An eighth of an expert's mean, up to 128."""
    multiple = 1
    while multiple < 128 and multiple * 16 * experts <= choices:
        multiple = multiple * 2
    return multiple


def _rows_by_expert(ends_E: Tensor) -> RowsByExpert:
    """The sizes are the only numbers of a step that a device has to tell the processor."""
    ends: List[int] = ends_E.tolist()
    multiple = _multiple(ends[-1], len(ends))
    sizes: List[int] = []
    first = 0
    for end in ends:
        sizes.append((end - first + multiple - 1) // multiple * multiple)
        first = end
    return RowsByExpert(ends_E, sizes, True)


def _choices_of_rows(sorted_P: Tensor, order_P: Tensor, rows: RowsByExpert) -> Tuple[Tensor, Tensor]:
    """The choice of every row, their number where there is none, and the row of every choice."""
    shifts: List[int] = []
    filled = 0
    for size in rows.sizes:
        shifts.append(filled)
        filled = filled + size
    firsts_E = torch.constant_pad_nd(torch.narrow(rows.ends_E, 0, 0, len(shifts) - 1), [1, 0])
    shifts_E = torch.tensor(shifts, device=order_P.device) - firsts_E
    choices = torch.numel(order_P)
    places_P = torch.arange(choices, device=order_P.device) + torch.index_select(shifts_E, 0, sorted_P)
    of_row = torch.full([filled], choices, dtype=torch.int64, device=order_P.device)
    return of_row.scatter_(0, places_P, order_P), _rows_of_choices(order_P, places_P)


def _expert_rows(rows: RowsByExpert, x: Tensor) -> List[Tensor]:
    return torch.split_with_sizes(x, rows.sizes, 0)
