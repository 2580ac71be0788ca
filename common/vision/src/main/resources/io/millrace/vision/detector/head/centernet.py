# The head of CenterNet (Zhou, Wang and Krähenbühl 2019, "Objects as Points", arXiv 1904.07850) on one level.
#
# Shape suffixes: N pictures, C classes, h and w rows and columns of the maps, K objects, B ignored boxes.
# Here, rows of boxes are picture, class, centre x, centre y, width, height in cells of the map.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional, Tuple


class Head(NamedTuple):
    hidden: Conv
    heat: Conv  # logits of the heat maps
    box: Conv  # offset x, offset y, width, height in cells
    stride: int  # pixels of the input between cells
    classes: int
    corrected_radius: bool
    offset_weight: float
    size_weight: float


class Prepared(NamedTuple):
    objects_K6: Tensor
    ignored_B6: Tensor


def _maps(levels: List[Tensor], head: Head, run: Run) -> Tuple[Tensor, Tensor]:
    """Logits of the heat maps [N, C, h, w], and boxes [N, 4, h, w]."""
    x = active_conv(levels[0], head.hidden, run)
    return predicted(x, head.heat, run), predicted(x, head.box, run)


def _in_cells(rows_K7: Tensor, stride: int) -> Tensor:
    return torch.cat([torch.narrow(rows_K7, 1, 0, 2), torch.narrow(rows_K7, 1, 2, 4) / stride], 1)


def _radius(width_K: Tensor, height_K: Tensor, corrected: bool) -> Tensor:
    """Radius of the gaussian for which a shifted box still overlaps by 0.7 (CornerNet, section 3.2).

    The published code forgets to divide the roots of its quadratic equations by the leading factor and takes
    the larger ones; published results were made with it.
    """
    overlap = 0.7
    w = torch.ceil(width_K)
    h = torch.ceil(height_K)
    total = w + h
    area = w * h
    root1 = torch.sqrt(total * total - 4.0 * area * (1.0 - overlap) / (1.0 + overlap))
    root2 = torch.sqrt(4.0 * total * total - 16.0 * (1.0 - overlap) * area)
    root3 = torch.sqrt(4.0 * overlap * overlap * total * total + 16.0 * overlap * (1.0 - overlap) * area)
    r1 = (total + root1) / 2.0
    r2 = (2.0 * total + root2) / 2.0
    r3 = (root3 - 2.0 * overlap * total) / 2.0
    if corrected:
        r1 = (total - root1) / 2.0
        r2 = (2.0 * total - root2) / 8.0
        r3 = r3 / (4.0 * overlap)
    return torch.clamp(torch.floor(torch.minimum(torch.minimum(r1, r2), r3)), 0.0)


def _column(rows: Tensor, i: int) -> Tensor:
    return torch.select(rows, 1, i)


def _map_index(rows: Tensor, classes: int) -> Tensor:
    # Whole numbers before they are multiplied: float32 counts to 2^24 only.
    return _column(rows, 0).to(torch.int64) * classes + _column(rows, 1).to(torch.int64)


def _chunks(rows: Tensor) -> List[Tensor]:
    """So many rows at a time that their maps fit into memory."""
    return torch.split(rows, 256)


def _largest(rows_Kd: Tensor, maps_K: Tensor, count: int) -> Tensor:
    """Each map's largest value of its rows at every place, 0 without rows: [count, d]."""
    order = torch.argsort(maps_K)
    starts = torch.searchsorted(torch.index_select(maps_K, 0, order), torch.arange(count, device=maps_K.device))
    # A bag is a map, its rows are taken by their maximum (mode 2).
    largest, _bags, _sizes, _at = torch.embedding_bag(rows_Kd, order, starts, False, 2)
    return largest


def targets(objects_K6: Tensor, pictures: int, classes: int, height: int, width: int, corrected: bool) -> Tensor:
    """Heat maps [N, C, h, w]: the largest gaussian of the objects of a class, 1 at their centres' cells."""
    heat = torch.zeros([0], dtype=objects_K6.dtype, device=objects_K6.device)
    if torch.size(objects_K6, 0) == 0:
        heat = torch.zeros([pictures * classes, height * width], dtype=heat.dtype, device=heat.device)
    else:
        for some_K6 in _chunks(objects_K6):
            radius_K1 = torch.unsqueeze(_radius(_column(some_K6, 4), _column(some_K6, 5), corrected), 1)
            spread_K1 = 2.0 * torch.square((2.0 * radius_K1 + 1.0) / 6.0)
            dx_Kw = torch.arange(width, dtype=heat.dtype, device=heat.device) - torch.floor(torch.unsqueeze(_column(some_K6, 2), 1))
            dy_Kh = torch.arange(height, dtype=heat.dtype, device=heat.device) - torch.floor(torch.unsqueeze(_column(some_K6, 3), 1))
            gx_Kw = torch.exp(-torch.square(dx_Kw) / spread_K1) * (torch.abs(dx_Kw) <= radius_K1)
            gy_Kh = torch.exp(-torch.square(dy_Kh) / spread_K1) * (torch.abs(dy_Kh) <= radius_K1)
            g_Khw = torch.flatten(torch.unsqueeze(gy_Kh, 2) * torch.unsqueeze(gx_Kw, 1), 1)
            largest = _largest(g_Khw, _map_index(some_K6, classes), pictures * classes)
            heat = largest if torch.numel(heat) == 0 else torch.maximum(heat, largest)
    return torch.reshape(heat, [pictures, classes, height, width])


def counted(crowds_B6: Tensor, pictures: int, classes: int, height: int, width: int) -> Tensor:
    """[N, C, h, w]: 0 where a crowd of the class covers a cell's middle, 1 elsewhere."""
    covered = torch.zeros([pictures * classes, height * width], dtype=crowds_B6.dtype, device=crowds_B6.device)
    if torch.size(crowds_B6, 0) > 0:
        for some_B6 in _chunks(crowds_B6):
            dx_Bw = torch.arange(width, dtype=covered.dtype, device=covered.device) + 0.5 - torch.unsqueeze(_column(some_B6, 2), 1)
            dy_Bh = torch.arange(height, dtype=covered.dtype, device=covered.device) + 0.5 - torch.unsqueeze(_column(some_B6, 3), 1)
            in_Bw = (torch.abs(dx_Bw) * 2.0 <= torch.unsqueeze(_column(some_B6, 4), 1)).to(covered.dtype)
            in_Bh = (torch.abs(dy_Bh) * 2.0 <= torch.unsqueeze(_column(some_B6, 5), 1)).to(covered.dtype)
            inside = torch.flatten(torch.unsqueeze(in_Bh, 2) * torch.unsqueeze(in_Bw, 1), 1)
            covered = torch.maximum(covered, _largest(inside, _map_index(some_B6, classes), pictures * classes))
    return torch.reshape(1.0 - covered, [pictures, classes, height, width])


def box_losses(box_N4hw: Tensor, objects_K6: Tensor, objects: float) -> Tuple[Tensor, Tensor]:
    """L1 of offset and size at the centres, normalised as in CenterNet's code: by the number of values."""
    height = torch.size(box_N4hw, 2)
    width = torch.size(box_N4hw, 3)
    x_K = torch.floor(_column(objects_K6, 2))
    y_K = torch.floor(_column(objects_K6, 3))
    cells_K = (_column(objects_K6, 0).to(torch.int64) * height + y_K.to(torch.int64)) * width + x_K.to(torch.int64)
    found_K4 = torch.index_select(torch.reshape(torch.permute(box_N4hw, [0, 2, 3, 1]), [-1, 4]), 0, cells_K)
    offset_K2 = torch.stack([_column(objects_K6, 2) - x_K, _column(objects_K6, 3) - y_K], 1)
    size_K2 = torch.narrow(objects_K6, 1, 4, 2)
    values = 2.0 * objects + 1e-4
    offset = torch.sum(torch.abs(torch.narrow(found_K4, 1, 0, 2) - offset_K2)) / values
    size = torch.sum(torch.abs(torch.narrow(found_K4, 1, 2, 2) - size_K2)) / values
    return offset, size


def prepare(head: Head, truth: Truth) -> Prepared:
    return Prepared(_in_cells(truth.objects_K7, head.stride), _in_cells(truth.ignored_B7, head.stride))


def count(head: Head, truth: Truth, prepared: Prepared) -> Tensor:
    """Cells that are the centre of an object of a class, each counted once a class; objects: [2]."""
    objects_K6 = prepared.objects_K6
    width = truth.width // head.stride
    height = truth.height // head.stride
    row_K = torch.floor(_column(objects_K6, 3)).to(torch.int64)
    column_K = torch.floor(_column(objects_K6, 2)).to(torch.int64)
    cells_K = (_map_index(objects_K6, head.classes) * height + row_K) * width + column_K
    centres, _inverse, _counts = torch._unique2(cells_K)
    return torch.tensor([torch.size(centres, 0), torch.size(cells_K, 0)], dtype=torch.float64)


def heat_target(logits: Tensor, head: Head, prepared: Prepared) -> Tuple[Tensor, Optional[Tensor]]:
    """The heat maps that are learned, and where they count if not everywhere."""
    n, c, h, w, = torch.size(logits)
    target = targets(prepared.objects_K6, n, c, h, w, head.corrected_radius)
    counting: Optional[Tensor] = None
    if torch.size(prepared.ignored_B6, 0) > 0:
        counting = counted(prepared.ignored_B6, n, c, h, w)
    return target, counting


def losses(
    levels: List[Tensor], head: Head, truth: Truth, prepared: Prepared, counts: List[float], run: Run
) -> List[Tensor]:
    """Total, heat, offset and size loss. What the heat maps' loss has measured lies before what is counted."""
    own = len(counts) - 2
    centres, objects, = counts[own:]
    logits, box = _maps(levels, head, run)
    target, counting, = heat_target(logits, head, prepared)
    heat = heat_part(logits, target, counting, centres, counts[:own])
    offset, size = box_losses(box, prepared.objects_K6, objects)
    total = heat + head.offset_weight * offset + head.size_weight * size
    return [total, heat, offset, size]


def candidates(levels: List[Tensor], head: Head, top: int, run: Run) -> Tensor:
    """The highest peaks, see decode: [N, top or as many as there are, 6]."""
    logits, box = _maps(levels, head, run)
    places = torch.size(logits, 1) * torch.size(logits, 2) * torch.size(logits, 3)
    return decode(logits, box, min(top, places), head.stride)


def _largest_of_three(x: Tensor, dim: int) -> Tensor:
    """Of each place and of both beside it."""
    size = torch.size(x, dim)
    found = x.clone()
    if size > 1:
        before = torch.narrow(x, dim, 0, size - 1)
        after = torch.narrow(x, dim, 1, size - 1)
        low = torch.narrow(found, dim, 0, size - 1)
        torch.maximum(low, after, out=low)
        high = torch.narrow(found, dim, 1, size - 1)
        torch.maximum(high, before, out=high)
    return found


def _highest_around(score: Tensor) -> Tensor:
    """Max pooling by 3 x 3, which is slow on a processor for maps of few classes."""
    return _largest_of_three(_largest_of_three(score, 2), 3)


def decode(logits: Tensor, box_N4hw: Tensor, top: int, stride: int) -> Tensor:
    """The highest peaks of the heat maps as left, top, width, height in pixels, score, class: [N, top, 6].

    A cell is a peak if none of its eight neighbours is higher (CenterNet, section 4); there is no other
    suppression.
    """
    n = torch.size(logits, 0)
    cells = torch.size(logits, 2) * torch.size(logits, 3)
    width = torch.size(logits, 3)
    score = torch.sigmoid(logits)
    highest = _highest_around(score)
    peaks = torch.reshape(score * (score == highest).to(score.dtype), [n, -1])
    found, index = torch.topk(peaks, top, 1)
    cell = torch.remainder(index, cells)
    values_N4t = torch.gather(torch.flatten(box_N4hw, 2), 2, torch.expand(torch.unsqueeze(cell, 1), [n, 4, top]))
    x = torch.remainder(cell, width) + torch.select(values_N4t, 1, 0)
    y = torch.floor_divide(cell, width) + torch.select(values_N4t, 1, 1)
    w = torch.clamp(torch.select(values_N4t, 1, 2), 0.0)
    h = torch.clamp(torch.select(values_N4t, 1, 3), 0.0)
    classes = torch.floor_divide(index, cells).to(score.dtype)
    return torch.stack([(x - w / 2.0) * stride, (y - h / 2.0) * stride, w * stride, h * stride, found, classes], 2)
