# Anchors: boxes that lie on the cells of maps, and that heads tell boxes from.
#
# Shape suffixes: A anchors of a picture, cell by cell and the finest map first; M those of a cell.
import torch
from torch import Tensor
from typing import List, NamedTuple


class CellAnchors(NamedTuple):
    """The anchors of every cell of a map, in pixels from the cell's corner."""

    stride: int
    x: List[float]  # of the centres
    y: List[float]
    widths: List[float]
    heights: List[float]


def cells_along(side: int, stride: int) -> int:
    """Rows or columns of a map; what is coarser than the input's sides allow is rounded up."""
    return (side + stride - 1) // stride


def cell_corners(stride: int, rows: int, columns: int, like: Tensor) -> Tensor:
    """Left and top of every cell of a map in pixels, row by row: [cells, 2]."""
    x = torch.arange(columns, dtype=like.dtype, device=like.device) * stride
    y = torch.arange(rows, dtype=like.dtype, device=like.device) * stride
    across = torch.expand(torch.unsqueeze(x, 0), [rows, columns])
    down = torch.expand(torch.unsqueeze(y, 1), [rows, columns])
    return torch.reshape(torch.stack([across, down], 2), [-1, 2])


def level_anchors(cell: CellAnchors, rows: int, columns: int, like: Tensor) -> Tensor:
    """Corners of the anchors of one map, of the number format of another tensor: [A, 4]."""
    sides = [cell.x, cell.y, cell.widths, cell.heights]
    own_M4 = corners(torch.t(torch.tensor(sides, dtype=like.dtype, device=like.device)))
    starts = cell_corners(cell.stride, rows, columns, like)
    shift = torch.unsqueeze(torch.cat([starts, starts], 1), 1)
    return torch.reshape(shift + torch.unsqueeze(own_M4, 0), [-1, 4])


def all_anchors(cells: List[CellAnchors], height: int, width: int, like: Tensor) -> Tensor:
    """Corners of the anchors of all maps of an input of that size: [A, 4]."""
    found: List[Tensor] = []
    for cell in cells:
        rows = cells_along(height, cell.stride)
        found.append(level_anchors(cell, rows, cells_along(width, cell.stride), like))
    return torch.cat(found)
