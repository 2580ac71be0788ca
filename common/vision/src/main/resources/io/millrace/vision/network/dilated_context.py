# One level of a backbone, each cell with its surroundings at several distances.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Neck(NamedTuple):
    place: int  # of the level among those of the backbone
    reduce: Conv  # 1x1
    ways: List[Conv]  # 3x3, each of its own dilation
    fuse: Conv  # 1x1 over all of them


def neck(levels: List[Tensor], neck: Neck, run: Run) -> List[Tensor]:
    x = active_conv(levels[neck.place], neck.reduce, run)
    seen: List[Tensor] = []
    for way in neck.ways:
        seen.append(active_conv(x, way, run))
    return [active_conv(torch.cat(seen, 1), neck.fuse, run)]
