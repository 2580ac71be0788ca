# A feature pyramid (Lin et al. 2017, arXiv 1612.03144): maps of one width, each with what the coarser ones know.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Neck(NamedTuple):
    first: int  # place of the finest level that is used
    laterals: List[Conv]  # 1x1, the finest first
    outputs: List[Conv]  # 3x3, likewise
    extras: List[Conv]  # to coarser levels, each from the one before
    pooled: int  # coarser levels that take every other cell of the one before


def neck(levels: List[Tensor], neck: Neck, run: Run) -> List[Tensor]:
    count = len(neck.laterals)
    inner = plain_conv(levels[neck.first + count - 1], neck.laterals[count - 1], run)
    merged = [plain_conv(inner, neck.outputs[count - 1], run)]
    for i in range(1, count):
        at = count - 1 - i
        lateral = plain_conv(levels[neck.first + at], neck.laterals[at], run)
        inner = lateral + torch.upsample_nearest2d(inner, size_of(lateral))
        merged.append(plain_conv(inner, neck.outputs[at], run))
    pyramid: List[Tensor] = []
    for i in range(count):
        pyramid.append(merged[count - 1 - i])
    _add_coarser(pyramid, neck, run)
    return pyramid


def _add_coarser(pyramid: List[Tensor], neck: Neck, run: Run) -> None:
    for i in range(len(neck.extras)):
        x = pyramid[len(pyramid) - 1]
        if i > 0:
            x = torch.relu(x)  # Between P6 and P7 (RetinaNet's code), whatever the network's activation is.
        pyramid.append(plain_conv(x, neck.extras[i], run))
    for i in range(neck.pooled):
        pyramid.append(torch.max_pool2d(pyramid[len(pyramid) - 1], [1, 1], [2, 2]))
