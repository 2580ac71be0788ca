# A block of a residual network by its published shape (He et al. 2015, arXiv 1512.03385, table 1).
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional


class Block(NamedTuple):
    convs: List[Conv]  # two of 3x3, or the 1x1, 3x3 and 1x1 of a bottleneck
    shortcut: Optional[Conv]  # 1x1, where size or width change


def residual_block(x_NCHW: Tensor, block: Block, dilation: int, run: Run) -> Tensor:
    last = len(block.convs) - 1
    y = x_NCHW
    for i in range(last):
        y = activate(dilated_conv(y, block.convs[i], dilation, run), block.convs[i].slope)
    y = dilated_conv(y, block.convs[last], dilation, run)
    x = x_NCHW
    shortcut = block.shortcut
    if shortcut is not None:
        x = plain_conv(x_NCHW, shortcut, run)
    return activate(x + y, block.convs[last].slope)
