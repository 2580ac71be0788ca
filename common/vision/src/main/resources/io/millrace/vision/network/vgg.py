# VGG-16 as S3FD takes it (Zhang et al. 2017, arXiv 1708.05237, section 3.1).
import torch
from torch import Tensor
from typing import List, NamedTuple


class Stage(NamedTuple):
    convs: List[Conv]
    pooled: bool  # to half the rows and columns, before its convolutions


class Backbone(NamedTuple):
    stages: List[Stage]
    first: int  # stage whose result is the finest level
    lengths: List[Tensor]  # of the cells of the first levels, by channel; none: they stay as they are


def _of_length(x_NCHW: Tensor, length_C: Tensor) -> Tensor:
    """Every cell scaled to length 1, then each channel by its own factor."""
    x = precise(x_NCHW)
    length_N1HW = torch.sqrt(torch.sum(torch.square(x), [1], True) + 1e-10)
    return (x / length_N1HW) * torch.reshape(length_C, [-1, 1, 1])


def backbone(x_NCHW: Tensor, backbone: Backbone, run: Run) -> List[Tensor]:
    """What the stages from the first on give, the finest first, at strides 4, 8, ..."""
    x = imagenet_normalised(x_NCHW)
    levels: List[Tensor] = []
    for i in range(len(backbone.stages)):
        stage = backbone.stages[i]
        if stage.pooled:
            x = torch.max_pool2d(x, [2, 2], [2, 2])
        for conv in stage.convs:
            x = active_conv(x, conv, run)
        level = i - backbone.first
        if level >= 0 and level < len(backbone.lengths):
            levels.append(_of_length(x, backbone.lengths[level]))
        elif level >= 0:
            levels.append(x)
    return levels
