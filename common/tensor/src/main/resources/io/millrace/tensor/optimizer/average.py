# Moving averages of flat buffers, one a parameter group.
from typing import List
import torch
from torch import Tensor


def move_average(averages: List[Tensor], weights: List[Tensor], share: float) -> List[Tensor]:
    """average += share * (weight - average)"""
    torch._foreach_lerp_(averages, weights, share)
    return averages
