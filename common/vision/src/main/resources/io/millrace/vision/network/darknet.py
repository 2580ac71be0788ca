# The convolutions of YOLO (Redmon et al. 2016, arXiv 1506.02640, figure 3) and of its fast variant.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Step(NamedTuple):
    pooled: bool  # to half the rows and columns, before the convolution
    conv: Conv
    halved: bool  # the same after the convolution, before its activation, which keeps the order of values


class Stage(NamedTuple):
    steps: List[Step]  # to half the rows and columns of the stage before


class Backbone(NamedTuple):
    stem: List[Step]  # to stride 2
    stages: List[Stage]  # the finest first


def _through(x_NCHW: Tensor, steps: List[Step], run: Run) -> Tensor:
    x = x_NCHW
    for step in steps:
        if step.pooled:
            x = torch.max_pool2d(x, [2, 2], [2, 2])
        x = plain_conv(x, step.conv, run)
        if step.halved:
            x = torch.max_pool2d(x, [2, 2], [2, 2])
        x = activate(x, step.conv.slope)
    return x


def backbone(x_NCHW: Tensor, backbone: Backbone, run: Run) -> List[Tensor]:
    """What the stages give, the finest first, at strides 4, 8, ..."""
    x = _through(x_NCHW, backbone.stem, run)
    levels: List[Tensor] = []
    for stage in backbone.stages:
        x = _through(x, stage.steps, run)
        levels.append(x)
    return levels
