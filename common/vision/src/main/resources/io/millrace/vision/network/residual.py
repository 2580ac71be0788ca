# A small residual network: a stem at stride 2, then stages that each halve rows and columns.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Residual(NamedTuple):
    first: Conv
    second: Conv


class Stage(NamedTuple):
    down: Conv  # to half the rows and columns
    blocks: List[Residual]  # those of a branch together, if each branch has its own
    dilations: List[int]  # of the branches; none: there is one way, without dilation
    each: int  # blocks of a branch
    apart: int  # from a branch's first block to that of the next; 0: all share them


class Backbone(NamedTuple):
    stem: Conv
    stages: List[Stage]  # the finest first


def _way(x_NCHW: Tensor, stage: Stage, first: int, dilation: int, run: Run) -> Tensor:
    x = x_NCHW
    for i in range(stage.each):
        block = stage.blocks[first + i]
        y = activate(dilated_conv(x, block.first, dilation, run), block.first.slope)
        x = activate(x + dilated_conv(y, block.second, dilation, run), block.second.slope)
    return x


def _stage(x_NCHW: Tensor, stage: Stage, run: Run) -> Tensor:
    x = active_conv(x_NCHW, stage.down, run)
    if len(stage.dilations) == 0:
        return _way(x, stage, 0, 1, run)
    ways: List[Tensor] = []
    for branch in run.branches:
        ways.append(_way(x, stage, branch * stage.apart, stage.dilations[branch], run))
    return torch.cat(ways)


def backbone(x_NCHW: Tensor, backbone: Backbone, run: Run) -> List[Tensor]:
    """What the stages give, the finest first, at strides 4, 8, ..."""
    x = active_conv(x_NCHW, backbone.stem, run)
    levels: List[Tensor] = []
    for stage in backbone.stages:
        x = _stage(x, stage, run)
        levels.append(x)
    return for_branches(levels)
