# What the tests of this head look at.
import torch
from torch import Tensor
from typing import List


def targets_of(head: Head, truth: Truth) -> List[Tensor]:
    """Classes of all anchors, -1: background, -2: neither; deltas."""
    some = prepare(head, truth)
    deltas = encode(some.boxes_P4, some.anchors_P4, head.centre_spread, head.size_spread)
    none = torch.zeros([torch.numel(some.found_NA), 4], dtype=deltas.dtype)
    return [classes_of(some), torch.index_copy(none, 0, some.place_P, deltas)]


def count_of(head: Head, truth: Truth) -> Tensor:
    return count(head, truth, prepare(head, truth))


def losses_of(levels: List[Tensor], head: Head, truth: Truth, counts: List[float], run: Run) -> List[Tensor]:
    return losses(levels, head, truth, prepare(head, truth), counts, run)
