# A small residual network: a stem at stride 2, then stages that each halve rows and columns.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Residual(NamedTuple):
    first: Conv
    second: Conv


class Stage(NamedTuple):
    down: Conv  # to half the rows and columns
    blocks: List[Residual]


class Backbone(NamedTuple):
    stem: Conv
    stages: List[Stage]  # the finest first


def backbone(x_NCHW: Tensor, backbone: Backbone, run: Run) -> List[Tensor]:
    """What the stages give, the finest first, at strides 4, 8, ..."""
    x = active_conv(x_NCHW, backbone.stem, run)
    levels: List[Tensor] = []
    for stage in backbone.stages:
        x = active_conv(x, stage.down, run)
        for block in stage.blocks:
            y = active_conv(x, block.first, run)
            x = activate(x + plain_conv(y, block.second, run), block.second.slope)
        levels.append(x)
    return levels
