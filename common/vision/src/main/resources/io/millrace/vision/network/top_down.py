# All levels of a backbone brought together at the finest one, from coarse to fine.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Neck(NamedTuple):
    laterals: List[Conv]  # 1x1, the finest first
    smooth: Conv


def neck(levels: List[Tensor], neck: Neck, run: Run) -> List[Tensor]:
    """One level, each cell of which sees its surroundings."""
    count = len(levels)
    top = plain_conv(levels[count - 1], neck.laterals[count - 1], run)
    for i in range(1, count):
        level = count - 1 - i
        lateral = plain_conv(levels[level], neck.laterals[level], run)
        top = lateral + torch.upsample_nearest2d(top, size_of(lateral))
    return [active_conv(top, neck.smooth, run)]
