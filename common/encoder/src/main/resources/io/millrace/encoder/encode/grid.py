# Masked convolutions over a picture's crops (arXiv 1905.09272, appendix A.2). Column by column is how places lie.
#
# Shape suffixes: N pictures, D values of a place, F inside of a block, R rows and Q columns of crops.
import torch
from torch import Tensor
from typing import List, NamedTuple


class GridBlock(NamedTuple):
    narrow: Conv
    across_OI13: Tensor  # sees the crops to both sides
    across_O: Tensor
    down_OI21: Tensor  # sees the crop above
    down_O: Tensor
    wide: Conv


class Context(NamedTuple):
    blocks: List[GridBlock]
    rows: int
    columns: int


def _block(x_NDRQ: Tensor, block: GridBlock, run: Run) -> Tensor:
    x_NFRQ = torch.relu(plain_conv(x_NDRQ, block.narrow, run))
    x_NFRQ = torch.conv2d(x_NFRQ, block.across_OI13, block.across_O, [1, 1], [0, 1])
    above = torch.constant_pad_nd(x_NFRQ, [0, 0, 1, 0])
    x_NFRQ = torch.relu(torch.conv2d(above, block.down_OI21, block.down_O))
    return x_NDRQ + plain_conv(x_NFRQ, block.wide, run)


def contexts(places: Places, context: Context, run: Run) -> Tensor:
    grid_NQRD = torch.reshape(places.z_MD, [-1, context.columns, context.rows, torch.size(places.z_MD, 1)])
    x_NDRQ = torch.permute(grid_NQRD, [0, 3, 2, 1])
    for block in context.blocks:
        x_NDRQ = _block(x_NDRQ, block, run)
    return torch.reshape(torch.permute(torch.relu(x_NDRQ), [0, 3, 2, 1]), [-1, torch.size(places.z_MD, 1)])
