# A residual network by its published shape (He et al. 2015, arXiv 1512.03385, table 1).
import torch
from torch import Tensor
from typing import List, NamedTuple


class Stage(NamedTuple):
    entry: Block  # changes size or width
    blocks: List[Block]  # the others; those of a branch together, if each branch has its own
    dilations: List[int]  # of the branches; none: there is one way, without dilation
    each: int  # blocks of a branch
    apart: int  # from a branch's first block to that of the next; 0: all share them


class Backbone(NamedTuple):
    stem: Conv
    stages: List[Stage]  # the finest first


def _way(x_NCHW: Tensor, stage: Stage, first: int, dilation: int, run: Run) -> Tensor:
    x = x_NCHW
    for i in range(stage.each):
        x = residual_block(x, stage.blocks[first + i], dilation, run)
    return x


def _stage(x_NCHW: Tensor, stage: Stage, run: Run) -> Tensor:
    x = residual_block(x_NCHW, stage.entry, 1, run)
    if len(stage.dilations) == 0:
        return _way(x, stage, 0, 1, run)
    ways: List[Tensor] = []
    for branch in run.branches:
        ways.append(_way(x, stage, branch * stage.apart, stage.dilations[branch], run))
    return torch.cat(ways)


def backbone(x_NCHW: Tensor, backbone: Backbone, run: Run) -> List[Tensor]:
    """What the stages give, the finest first, at strides 4, 8, 16 and 32."""
    x = active_conv(imagenet_normalised(x_NCHW), backbone.stem, run)
    x = torch.max_pool2d(x, [3, 3], [2, 2], [1, 1])
    levels: List[Tensor] = []
    for stage in backbone.stages:
        x = _stage(x, stage, run)
        levels.append(x)
    return for_branches(levels)
