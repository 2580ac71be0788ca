# What the tests of this head look at.
import torch
from torch import Tensor
from typing import List


def _laid(values_PX: Tensor, place_P: Tensor, count: int) -> Tensor:
    shape = [count] + torch.size(values_PX)[1:]
    return torch.index_copy(torch.zeros(shape, dtype=values_PX.dtype), 0, place_P, values_PX)


def targets_of(head: Head, truth: Truth) -> List[Tensor]:
    """Classes of all locations, -1 without one; boxes, centre-ness, and whether they count."""
    some = prepare(head, truth)
    places = torch.numel(some.counted_NA)
    classes = _laid(some.class_P + 1, some.place_P, places) - 1
    boxes = _laid(some.boxes_P4, some.place_P, places)
    return [classes, boxes, _laid(some.centre_P, some.place_P, places), some.counted_NA.to(torch.float64)]


def count_of(head: Head, truth: Truth) -> Tensor:
    return count(head, truth, prepare(head, truth))


def losses_of(levels: List[Tensor], head: Head, truth: Truth, counts: List[float], run: Run) -> List[Tensor]:
    return losses(levels, head, truth, prepare(head, truth), counts, run)
