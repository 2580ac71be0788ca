# RoIAlign (He et al. 2017, "Mask R-CNN", section 3, arXiv 1703.06870) as torchvision computes it, on several maps at once.
#
# Each bin of a region is the mean of a grid of samples, each sample bilinear between four cells: a weighted sum of cells.
# The sums are taken by embedding_bag, which never writes out the samples; its backward pass adds each bin's gradient to
# the cells by the same weights. Nothing flows to the boxes.
#
# Shape suffixes: N pictures, C channels, L maps, R regions, P bins along a side, S samples of all bins, Q places in maps.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class Regions(NamedTuple):
    """Boxes in pixels and where their features are."""

    boxes_R4: Tensor  # left, top, right, bottom
    picture_R: Tensor  # int64
    map_R: Tensor  # int64


class RoiAlign(NamedTuple):
    bins: int  # along a side
    samples: int  # along a side of a bin; 0: so many that one lies in each cell
    aligned: bool  # cells lie around their middles, and small regions are not made larger
    strides: List[float]  # pixels between the cells of each map


class Axis(NamedTuple):
    """Samples of one direction."""

    low_S: Tensor  # cell before a sample
    high_S: Tensor  # cell after it, the same at the border
    part_S: Tensor  # share of the cell after it
    inside_S: Tensor  # 1, or 0 for samples more than a cell outside of the map


def _each(of_R: Tensor, region_S: Tensor) -> Tensor:
    return torch.index_select(of_R, 0, region_S)


def _axis(at_S: Tensor, size_S: Tensor) -> Axis:
    """Of places in cells, in maps of these sizes."""
    last_S = size_S - 1
    inside_S = torch.logical_and(at_S >= -1.0, at_S <= size_S.to(at_S.dtype)).to(at_S.dtype)
    # What is far outside, or no number, must still be a cell.
    known_S = torch.where(inside_S > 0.0, torch.clamp(at_S, 0.0), torch.zeros_like(at_S))
    low_S = torch.minimum(torch.floor(known_S).to(torch.int64), last_S)
    part_S = torch.where(low_S == last_S, torch.zeros_like(at_S), known_S - low_S.to(at_S.dtype))
    return Axis(low_S, torch.minimum(low_S + 1, last_S), part_S, inside_S)


def _grid(length_R: Tensor, rule: RoiAlign) -> Tensor:
    """Samples along a side of a bin."""
    if rule.samples > 0:
        return torch.full_like(length_R, rule.samples, dtype=torch.int64)
    return torch.clamp(torch.ceil(length_R / rule.bins), 0.0).to(torch.int64)


def _extent(start_R: Tensor, end_R: Tensor, scale_R: Tensor, rule: RoiAlign) -> Tuple[Tensor, Tensor]:
    """Start and length of regions in cells."""
    shift = 0.5 if rule.aligned else 0.0
    begin_R = start_R * scale_R - shift
    length_R = end_R * scale_R - shift - begin_R
    if not rule.aligned:
        length_R = torch.clamp(length_R, 1.0)
    return begin_R, length_R


def _places(begin_R: Tensor, length_R: Tensor, grid_R: Tensor, region_S: Tensor, bin_S: Tensor, at_S: Tensor, bins: int) -> Tensor:
    """Where in a map samples lie: the one numbered at in its bin."""
    bin_R = length_R / bins
    step_S = _each(bin_R / torch.clamp(grid_R, 1).to(bin_R.dtype), region_S)
    return _each(begin_R, region_S) + bin_S * _each(bin_R, region_S) + (at_S + 0.5) * step_S


def _corners(y: Axis, x: Axis, width_S: Tensor, offset_S: Tensor, count_S: Tensor) -> Tuple[Tensor, Tensor]:
    """The four cells around each sample in the table of cells, and their shares of the bin: [S, 4] each."""
    share_S = y.inside_S * x.inside_S / count_S
    above_S = (1.0 - y.part_S) * share_S
    below_S = y.part_S * share_S
    low_S = offset_S + y.low_S * width_S
    high_S = offset_S + y.high_S * width_S
    cells = torch.stack([low_S + x.low_S, low_S + x.high_S, high_S + x.low_S, high_S + x.high_S], 1)
    left_S = 1.0 - x.part_S
    shares = torch.stack([above_S * left_S, above_S * x.part_S, below_S * left_S, below_S * x.part_S], 1)
    return cells, shares


def _numbers(values: List[int], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=torch.int64, device=like.device)


def _table(maps: List[Tensor]) -> Tensor:
    """Cells of all maps, picture by picture, as rows of channels: [Q, C]."""
    rows: List[Tensor] = []
    for map_NChw in maps:
        rows.append(torch.reshape(torch.permute(map_NChw, [0, 2, 3, 1]), [-1, torch.size(map_NChw, 1)]))
    return rows[0] if len(rows) == 1 else torch.cat(rows, 0)


def _sizes(maps: List[Tensor], regions: Regions) -> Tuple[Tensor, Tensor, Tensor]:
    """Rows and columns of the regions' maps, and where their pictures' cells begin in the table."""
    heights: List[int] = []
    widths: List[int] = []
    firsts: List[int] = []
    cells = 0
    for map_NChw in maps:
        height = torch.size(map_NChw, 2)
        width = torch.size(map_NChw, 3)
        heights.append(height)
        widths.append(width)
        firsts.append(cells)
        cells += torch.size(map_NChw, 0) * height * width
    height_R = _each(_numbers(heights, regions.map_R), regions.map_R)
    width_R = _each(_numbers(widths, regions.map_R), regions.map_R)
    first_R = _each(_numbers(firsts, regions.map_R), regions.map_R) + regions.picture_R * height_R * width_R
    return height_R, width_R, first_R


def roi_align(maps: List[Tensor], regions: Regions, rule: RoiAlign) -> Tensor:
    """Features of regions [R, C, P, P]; samples far outside of a map count as 0."""
    p = rule.bins
    boxes_R4 = regions.boxes_R4
    height_R, width_R, first_R = _sizes(maps, regions)
    scale_R = _each(1.0 / torch.tensor(rule.strides, dtype=boxes_R4.dtype, device=boxes_R4.device), regions.map_R)
    left_R, wide_R = _extent(torch.select(boxes_R4, 1, 0), torch.select(boxes_R4, 1, 2), scale_R, rule)
    top_R, high_R = _extent(torch.select(boxes_R4, 1, 1), torch.select(boxes_R4, 1, 3), scale_R, rule)
    columns_R = _grid(wide_R, rule)
    rows_R = _grid(high_R, rule)
    # Samples are numbered region by region, bin by bin.
    bin_R = columns_R * rows_R
    first_sample_R = torch.cumsum(bin_R * p * p, 0) - bin_R * p * p
    region_S = torch.repeat_interleave(torch.arange(torch.size(bin_R, 0), device=bin_R.device), bin_R * p * p)
    own_S = torch.arange(torch.size(region_S, 0), device=bin_R.device) - _each(first_sample_R, region_S)
    place_S = torch.floor_divide(own_S, _each(bin_R, region_S))
    within_S = torch.remainder(own_S, _each(bin_R, region_S))
    column_S = torch.remainder(within_S, _each(columns_R, region_S))
    row_S = torch.floor_divide(within_S, _each(columns_R, region_S))
    x_S = _places(left_R, wide_R, columns_R, region_S, torch.remainder(place_S, p), column_S, p)
    y_S = _places(top_R, high_R, rows_R, region_S, torch.floor_divide(place_S, p), row_S, p)
    cells_S4, shares_S4 = _corners(
        _axis(y_S, _each(height_R, region_S)), _axis(x_S, _each(width_R, region_S)),
        _each(width_R, region_S), _each(first_R, region_S), _each(bin_R, region_S)
    )
    before_RP = torch.unsqueeze(bin_R, 1) * torch.arange(p * p, device=bin_R.device)
    starts_RP = 4 * (torch.unsqueeze(first_sample_R, 1) + before_RP)
    return _summed(_table(maps), cells_S4, shares_S4, starts_RP, p)


def _summed(table_QC: Tensor, cells_S4: Tensor, shares_S4: Tensor, starts_RP: Tensor, bins: int) -> Tensor:
    # The sums (mode 0) of bags that begin at these places; a bag without samples is 0.
    sums, _bags, _sizes, _at = torch.embedding_bag(
        table_QC, torch.flatten(cells_S4), torch.flatten(starts_RP), False, 0, False, torch.flatten(shares_S4).to(table_QC.dtype)
    )
    found = torch.reshape(sums, [torch.size(starts_RP, 0), bins, bins, torch.size(table_QC, 1)])
    return torch.permute(found, [0, 3, 1, 2])


def _in_bins(start_R: Tensor, end_R: Tensor, size: int, rule: RoiAlign) -> Tensor:
    """How much of each bin of regions is taken from each cell of one direction of a map: [R, P, size]."""
    begin_R, length_R = _extent(start_R, end_R, torch.ones_like(start_R) / rule.strides[0], rule)
    grid_R = _grid(length_R, rule)
    each_R = grid_R * rule.bins
    region_S = torch.repeat_interleave(torch.arange(torch.size(each_R, 0), device=each_R.device), each_R)
    own_S = torch.arange(torch.size(region_S, 0), device=each_R.device) - _each(torch.cumsum(each_R, 0) - each_R, region_S)
    samples_S = _each(grid_R, region_S)
    bin_S = torch.floor_divide(own_S, samples_S)
    place_S = _places(begin_R, length_R, grid_R, region_S, bin_S, torch.remainder(own_S, samples_S), rule.bins)
    axis = _axis(place_S, torch.full_like(own_S, size))
    share_S = axis.inside_S / samples_S
    first_S = (region_S * rule.bins + bin_S) * size
    cells = torch.zeros([torch.size(each_R, 0) * rule.bins * size], dtype=share_S.dtype, device=share_S.device)
    cells.index_add_(0, first_S + axis.low_S, share_S * (1.0 - axis.part_S))
    cells.index_add_(0, first_S + axis.high_S, share_S * axis.part_S)
    return torch.reshape(cells, [-1, rule.bins, size])


def _by_products(map_CHW: Tensor, boxes_R4: Tensor, rule: RoiAlign) -> Tensor:
    """Samples lie on a grid, so that sums over rows and over columns are two products of matrices. [R, C, P, P]"""
    c, h, w, = torch.size(map_CHW)
    left_R, top_R, right_R, bottom_R, = torch.unbind(boxes_R4, 1)
    across_RPw = _in_bins(left_R, right_R, w, rule)
    down_RPh = _in_bins(top_R, bottom_R, h, rule)
    rows = torch.matmul(torch.reshape(map_CHW, [c * h, w]), torch.t(torch.flatten(across_RPw, 0, 1)))
    rows_RhCP = torch.permute(torch.reshape(rows, [c, h, -1, rule.bins]), [2, 1, 0, 3])
    found = torch.bmm(down_RPh, torch.flatten(rows_RhCP, 2))
    return torch.permute(torch.reshape(found, [-1, rule.bins, c, rule.bins]), [0, 2, 1, 3])


def _samples(start_R: Tensor, end_R: Tensor, count: int, size: int, rule: RoiAlign) -> Tuple[Tensor, Tensor]:
    """So many samples of each region in one direction of a map of this size: where they lie, from -1 to 1 between its
    edges, and 1 if they are not far outside. [R, count] each"""
    begin_R, length_R = _extent(start_R, end_R, torch.ones_like(start_R) / rule.strides[0], rule)
    share = (torch.arange(count, dtype=start_R.dtype, device=start_R.device) + 0.5) / float(count)
    at = torch.unsqueeze(begin_R, 1) + torch.unsqueeze(length_R, 1) * share
    inside = torch.logical_and(at >= -1.0, at <= float(size))
    return (at + 0.5) * (2.0 / float(size)) - 1.0, inside.to(at.dtype)


def _by_samples(map_CHW: Tensor, boxes_R4: Tensor, across: int, down: int, rule: RoiAlign) -> Tensor:
    """Means of so many samples across and down each bin. [R, C, P, P]"""
    c, h, w, = torch.size(map_CHW)
    left_R, top_R, right_R, bottom_R, = torch.unbind(boxes_R4, 1)
    x_RX, x_inside_RX = _samples(left_R, right_R, across * rule.bins, w, rule)
    y_RY, y_inside_RY = _samples(top_R, bottom_R, down * rule.bins, h, rule)
    shape = [torch.size(x_RX, 0), down * rule.bins, across * rule.bins]
    x_RYX = torch.expand(torch.unsqueeze(x_RX, 1), shape)
    y_RYX = torch.expand(torch.unsqueeze(y_RY, 2), shape)
    # All x, then all y: single pairs are slow to write and to read.
    grid = torch.unsqueeze(torch.permute(torch.flatten(torch.stack([x_RYX, y_RYX]), 1, 2), [1, 2, 0]), 0)
    # Bilinear (0), with the cells of the border around the map (1).
    found = torch.grid_sampler(torch.unsqueeze(map_CHW, 0), grid, 0, 1, False)
    inside = torch.flatten(torch.unsqueeze(y_inside_RY, 2) * torch.unsqueeze(x_inside_RX, 1), 0, 1)
    bins = torch.avg_pool2d(found * inside, [down, across], [down, across])
    return torch.transpose(torch.reshape(bins, [c, -1, rule.bins, rule.bins]), 0, 1)


def _sizes_of_few(boxes_R4: Tensor, rule: RoiAlign) -> Tensor:
    """Of a region that has few samples: those across a bin, times 256, and those down it; 0 for others."""
    left_R, top_R, right_R, bottom_R, = torch.unbind(boxes_R4, 1)
    scale_R = torch.ones_like(left_R) / rule.strides[0]
    _begin, wide_R = _extent(left_R, right_R, scale_R, rule)
    _begin, high_R = _extent(top_R, bottom_R, scale_R, rule)
    across_R = _grid(wide_R, rule)
    down_R = _grid(high_R, rule)
    some_R = torch.minimum(across_R, down_R) > 0
    few_R = torch.logical_and(some_R, torch.maximum(across_R, down_R) * rule.bins <= 144)
    return torch.where(few_R, across_R * 256 + down_R, torch.zeros_like(across_R))


def roi_align_of_few(map_CHW: Tensor, boxes_R4: Tensor, rule: RoiAlign) -> Tensor:
    """The same of one picture's map of few channels: [R, C, P, P], channels last in memory.

    Regions of few samples are read sample by sample, together with those that have as many. Products cost as much for a
    small region as for a large one; a device does them in less time than it waits for sizes.
    """
    if map_CHW.is_cuda:
        return _by_products(map_CHW, boxes_R4, rule)
    size_R = _sizes_of_few(boxes_R4, rule)
    shape = [torch.size(size_R, 0), rule.bins, rule.bins, torch.size(map_CHW, 0)]
    found = torch.permute(torch.zeros(shape, dtype=map_CHW.dtype, device=map_CHW.device), [0, 3, 1, 2])
    sizes, _inverse, _counts = torch._unique2(size_R)
    for one in torch.unbind(sizes):
        size = int(one)
        for own in torch.split(torch.squeeze(torch.nonzero(size_R == size), 1), 32 if size > 0 else 256):
            boxes = torch.index_select(boxes_R4, 0, own)
            if size > 0:
                found.index_copy_(0, own, _by_samples(map_CHW, boxes, size // 256, size % 256, rule))
            else:
                found.index_copy_(0, own, _by_products(map_CHW, boxes, rule))
    return found


def map_by_size(boxes_R4: Tensor, maps: int, finest: int, canonical: float) -> Tensor:
    """Which map a region's features are taken from (FPN, Lin et al. 2017, equation 1): those of a region of the
    canonical size from the one of stride 16, of half its size from the one of stride 8."""
    width_R = torch.select(boxes_R4, 1, 2) - torch.select(boxes_R4, 1, 0)
    height_R = torch.select(boxes_R4, 1, 3) - torch.select(boxes_R4, 1, 1)
    size_R = torch.sqrt(torch.clamp(width_R, 0.0) * torch.clamp(height_R, 0.0))
    level_R = torch.floor(4.0 + torch.log2(size_R / canonical + 1e-8))
    return torch.clamp(level_R - finest, 0, maps - 1).to(torch.int64)
