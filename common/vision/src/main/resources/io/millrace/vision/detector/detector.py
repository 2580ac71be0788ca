# Kernels of the detector: network, targets, losses, training step, detection.
#
# Shape suffixes: N pictures, C channels or classes, H and W rows and columns of the picture,
# h and w those of the heat maps, K objects, B crowd boxes, L layers.
#
# `counts` are what losses are divided by: cells that are the centre of an object of a class, and objects, of all
# batches of a step.
# `objects` and `crowds` are rows of picture, class, centre x, centre y, width, height in cells of the map.
# Compiled together with an activation.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class Conv(NamedTuple):
    """3x3 convolution without a bias, then group norm; from I channels to O."""

    weight_OI33: Tensor
    scale_O: Tensor
    shift_O: Tensor


class Pointwise(NamedTuple):
    """1x1 convolution."""

    weight_OI11: Tensor
    bias_O: Tensor


class Residual(NamedTuple):
    first: Conv
    second: Conv


class Stage(NamedTuple):
    down: Conv  # to half the rows and columns
    blocks: List[Residual]
    lateral: Pointwise  # into the top-down path


class Network(NamedTuple):
    stem: Conv
    stages: List[Stage]  # the finest first
    smooth: Conv
    hidden: Conv
    heat: Pointwise
    box: Pointwise
    learned: List[Tensor]  # all of the above in the order of DetectorLayout
    group: int  # channels that are normalised together


def _conv(x_NIhw: Tensor, conv: Conv, stride: int, group: int) -> Tensor:
    y_NOhw = torch.conv2d(x_NIhw, conv.weight_OI33, None, [stride, stride], [1, 1])
    return torch.group_norm(y_NOhw, torch.size(y_NOhw, 1) // group, conv.scale_O, conv.shift_O, 1e-5)


def _active_conv(x_NIhw: Tensor, conv: Conv, stride: int, group: int) -> Tensor:
    return activate(_conv(x_NIhw, conv, stride, group), None)


def _pointwise(x_NIhw: Tensor, conv: Pointwise) -> Tensor:
    return torch.conv2d(x_NIhw, conv.weight_OI11, conv.bias_O)


def _levels(x_NCHW: Tensor, network: Network) -> List[Tensor]:
    """What the stages give, the finest first."""
    x = _active_conv(x_NCHW, network.stem, 2, network.group)
    levels: List[Tensor] = []
    for stage in network.stages:
        x = _active_conv(x, stage.down, 2, network.group)
        for block in stage.blocks:
            y = _active_conv(x, block.first, 1, network.group)
            x = activate(x + _conv(y, block.second, 1, network.group), None)
        levels.append(x)
    return levels


def _top_down(levels: List[Tensor], network: Network) -> Tensor:
    """From coarse to fine, so that each cell of the finest level sees its surroundings."""
    count = len(levels)
    top = _pointwise(levels[count - 1], network.stages[count - 1].lateral)
    for i in range(1, count):
        level = count - 1 - i
        lateral = _pointwise(levels[level], network.stages[level].lateral)
        size = [torch.size(lateral, 2), torch.size(lateral, 3)]
        top = lateral + torch.upsample_nearest2d(top, size)
    return top


def _network(x_NCHW: Tensor, network: Network) -> Tuple[Tensor, Tensor]:
    """Logits of the heat maps [N, C, h, w] and offset x, offset y, width, height in cells [N, 4, h, w]."""
    x = _top_down(_levels(x_NCHW, network), network)
    x = _active_conv(x, network.smooth, 1, network.group)
    x = _active_conv(x, network.hidden, 1, network.group)
    return _pointwise(x, network.heat), _pointwise(x, network.box)


def _normalised(rgb_NHW3: Tensor, like: Tensor) -> Tensor:
    """Bytes to numbers in [-1, 1]; 128, the padding, becomes almost 0. Channels stay last in memory."""
    x_NHW3 = rgb_NHW3.to(like.dtype) * (1.0 / 127.5) - 1.0
    return torch.permute(x_NHW3, [0, 3, 1, 2])


def _augmented(x_NCHW: Tensor, affine_N23: Tensor, tones_N2: Tensor) -> Tensor:
    """Each picture through its own affine map (in coordinates of [-1, 1]), contrast and brightness."""
    grid = torch.affine_grid_generator(affine_N23, torch.size(x_NCHW), False)
    moved = torch.grid_sampler(x_NCHW, grid, 0, 0, False)
    gain = torch.reshape(torch.select(tones_N2, 1, 0), [-1, 1, 1, 1])
    bias = torch.reshape(torch.select(tones_N2, 1, 1), [-1, 1, 1, 1])
    return torch.contiguous(torch.clamp(moved * gain + bias, -1.0, 1.0), memory_format=torch.channels_last)


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
    heat = torch.zeros([pictures * classes, height * width], dtype=objects_K6.dtype, device=objects_K6.device)
    if torch.size(objects_K6, 0) > 0:
        for some_K6 in _chunks(objects_K6):
            radius_K1 = torch.unsqueeze(_radius(_column(some_K6, 4), _column(some_K6, 5), corrected), 1)
            spread_K1 = 2.0 * torch.square((2.0 * radius_K1 + 1.0) / 6.0)
            dx_Kw = torch.arange(width, dtype=heat.dtype, device=heat.device) - torch.floor(torch.unsqueeze(_column(some_K6, 2), 1))
            dy_Kh = torch.arange(height, dtype=heat.dtype, device=heat.device) - torch.floor(torch.unsqueeze(_column(some_K6, 3), 1))
            gx_Kw = torch.exp(-torch.square(dx_Kw) / spread_K1) * (torch.abs(dx_Kw) <= radius_K1)
            gy_Kh = torch.exp(-torch.square(dy_Kh) / spread_K1) * (torch.abs(dy_Kh) <= radius_K1)
            g_Khw = torch.flatten(torch.unsqueeze(gy_Kh, 2) * torch.unsqueeze(gx_Kw, 1), 1)
            heat = torch.maximum(heat, _largest(g_Khw, _map_index(some_K6, classes), pictures * classes))
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


def heat_loss(logits: Tensor, target: Tensor, counted: Tensor, centres: float) -> Tensor:
    """Penalty-reduced focal loss (CenterNet, equation 1), a centre's share of the sum.

    Log-sigmoids take the place of the published clamp of scores to [1e-4, 1 - 1e-4].
    """
    score = torch.sigmoid(logits)
    log_score = torch.log_sigmoid(logits)
    log_other = torch.log_sigmoid(-logits)
    centre = (target == 1.0).to(logits.dtype)
    positive = torch.square(1.0 - score) * log_score * centre
    negative = torch.square(score) * log_other * torch.pow(1.0 - target, 4) * counted
    # A tensor, because a GPU multiplies by the inverse of a number.
    share = torch.full([], max(centres, 1.0), dtype=logits.dtype, device=logits.device)
    return -torch.sum(positive + negative) / share


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


def _losses(
    network: Network, x_NCHW: Tensor, objects_K6: Tensor, crowds_B6: Tensor, counts: List[float],
    loss_weights: List[float], corrected: bool
) -> Tensor:
    """Total, heat, offset and size loss, [4]; weights of the last two."""
    centres, objects, = counts
    offset_weight, size_weight, = loss_weights
    logits, box = _network(x_NCHW, network)
    n, c, h, w, = torch.size(logits)
    target = targets(objects_K6, n, c, h, w, corrected)
    heat = heat_loss(logits, target, counted(crowds_B6, n, c, h, w), centres)
    offset, size = box_losses(box, objects_K6, objects)
    total = heat + offset_weight * offset + size_weight * size
    return torch.stack([total, heat, offset, size])


def losses(
    network: Network, rgb_NHW3: Tensor, objects_K6: Tensor, crowds_B6: Tensor, counts: List[float],
    loss_weights: List[float], corrected: bool
) -> Tensor:
    """Total, heat, offset and size loss without augmentation, [4]."""
    x_NCHW = _normalised(rgb_NHW3, network.stem.weight_OI33)
    return _losses(network, x_NCHW, objects_K6, crowds_B6, counts, loss_weights, corrected)


def add_gradients(
    gradients: List[Tensor], network: Network, rgb_NHW3: Tensor, affine_N23: Tensor, tones_N2: Tensor,
    objects_K6: Tensor, crowds_B6: Tensor, counts: List[float], loss_weights: List[float], corrected: bool
) -> Tensor:
    """Adds the gradients of all weights; this batch's share of total, heat, offset and size loss, [4]."""
    x_NCHW = _augmented(_normalised(rgb_NHW3, network.stem.weight_OI33), affine_N23, tones_N2)
    parts = _losses(network, x_NCHW, objects_K6, crowds_B6, counts, loss_weights, corrected)
    found: List[Tensor] = []
    for gradient in torch.grad([torch.select(parts, 0, 0)], network.learned):
        if gradient is not None:
            found.append(gradient)
    torch._foreach_add_(gradients, found)
    return parts.detach()


def decode(logits: Tensor, box_N4hw: Tensor, top: int, stride: int) -> Tensor:
    """The highest peaks of the heat maps as left, top, width, height in pixels, score, class: [N, top, 6].

    A cell is a peak if none of its eight neighbours is higher (CenterNet, section 4); there is no other
    suppression.
    """
    n = torch.size(logits, 0)
    cells = torch.size(logits, 2) * torch.size(logits, 3)
    width = torch.size(logits, 3)
    score = torch.sigmoid(logits)
    highest = torch.max_pool2d(score, [3, 3], [1, 1], [1, 1])
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


def detect(network: Network, rgb_NHW3: Tensor, top: int, stride: int) -> Tensor:
    logits, box = _network(_normalised(rgb_NHW3, network.stem.weight_OI33), network)
    return decode(logits, box, top, stride)
