# What the tests of this head look at.
import torch
from torch import Tensor
from typing import List


def targets_of(head: Head, truth: Truth) -> List[Tensor]:
    """Where objects are, cells that may be empty, boxes, classes."""
    some = prepare(head, truth)
    return [some.object_G, some.empty_G, some.values_G4, some.class_GC]


def count_of(head: Head, truth: Truth) -> Tensor:
    return count(head, truth, prepare(head, truth))


def losses_of(levels: List[Tensor], head: Head, truth: Truth, counts: List[float], run: Run) -> List[Tensor]:
    return losses(levels, head, truth, prepare(head, truth), counts, run)
