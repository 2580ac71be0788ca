# The head of FCOS (Tian et al. 2019, arXiv 1904.01355) with the improvements of its later version (arXiv 2006.09214):
# centre sampling, distances in strides, centre-ness beside the distances, a loss by overlap.
#
# Shape suffixes: N pictures, A locations of a picture (cells, the finest map first), C classes, K objects and B ignored boxes
# of a picture (padded), P locations of all pictures that learn an object.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Head(NamedTuple):
    class_tower: List[Conv]
    box_tower: List[Conv]
    classes: Conv  # logits
    distances: Conv  # logarithms of those to left, top, right and bottom, in strides, before their scale
    centre: Conv  # logits of the centre-ness
    scale_L: Tensor  # of the logarithms, a level each
    strides: List[int]
    limits: List[float]  # largest distance of a level's objects in pixels, but of the last level
    class_count: int
    radius: float  # in strides: locations nearer to an object's centre learn it; 0: all within the object
    generalised: bool  # GIoU rather than IoU


class Found(NamedTuple):
    logits_NAC: Tensor
    boxes_NA4: Tensor  # corners
    centre_NA: Tensor  # logits


class Locations(NamedTuple):
    """Where cells look, and what they may learn."""

    point_A2: Tensor
    stride_A: Tensor
    least_A: Tensor  # largest distance to a side of an object, in pixels
    most_A: Tensor


class Prepared(NamedTuple):
    """What the locations of all pictures learn."""

    place_P: Tensor  # of those that learn an object
    class_P: Tensor
    boxes_P4: Tensor  # corners
    centre_P: Tensor  # centre-ness
    counted_NA: Tensor  # false: neither object nor background


def _locations(head: Head, height: int, width: int, like: Tensor) -> Locations:
    points: List[Tensor] = []
    bounds: List[Tensor] = []
    least = 0.0
    for i in range(len(head.strides)):
        stride = head.strides[i]
        starts = cell_corners(stride, cells_along(height, stride), cells_along(width, stride), like)
        most = 1e9
        if i < len(head.limits):
            most = head.limits[i]
        bound = torch.tensor([float(stride), least, most], dtype=like.dtype, device=like.device)
        points.append(starts + stride * 0.5)
        bounds.append(torch.expand(torch.unsqueeze(bound, 0), [torch.size(starts, 0), 3]))
        least = most
    stride_A, least_A, most_A, = torch.unbind(torch.cat(bounds), 1)
    return Locations(torch.cat(points), stride_A, least_A, most_A)


def sides(points_A2: Tensor, boxes: Tensor) -> Tensor:
    """Distances of points to the left, top, right and bottom of boxes; negative outside."""
    return torch.cat([points_A2 - torch.narrow(boxes, -1, 0, 2), torch.narrow(boxes, -1, 2, 2) - points_A2], -1)


def centreness(sides: Tensor) -> Tensor:
    """1 in the middle of a box, 0 on its edge (equation 3)."""
    left, top, right, bottom, = torch.unbind(torch.clamp(sides, 0.0), -1)
    across = torch.minimum(left, right) / torch.clamp(torch.maximum(left, right), 1e-9)
    down = torch.minimum(top, bottom) / torch.clamp(torch.maximum(top, bottom), 1e-9)
    return torch.sqrt(across * down)


def _learns(boxes_NK4: Tensor, at: Locations, radius: float) -> Tensor:
    """Where a location may learn an object: [N, K, A] of booleans."""
    left_NK1, top_NK1, right_NK1, bottom_NK1, = torch.unbind(torch.unsqueeze(boxes_NK4, 2), -1)
    x_A, y_A, = torch.unbind(torch.contiguous(torch.t(at.point_A2)), 0)
    left_NKA = x_A - left_NK1
    top_NKA = y_A - top_NK1
    right_NKA = right_NK1 - x_A
    bottom_NKA = bottom_NK1 - y_A
    least_NKA = torch.minimum(torch.minimum(left_NKA, right_NKA), torch.minimum(top_NKA, bottom_NKA))
    largest_NKA = torch.maximum(torch.maximum(left_NKA, right_NKA), torch.maximum(top_NKA, bottom_NKA))
    # The bounds are one's own above and the finer level's below, so that no object falls between two levels.
    fits_NKA = torch.logical_and(largest_NKA > at.least_A, largest_NKA <= at.most_A)
    if radius > 0.0:
        x_NK1, y_NK1, _w, _h, = torch.unbind(torch.unsqueeze(centred(boxes_NK4), 2), -1)
        away_NKA = torch.maximum(torch.abs(x_A - x_NK1), torch.abs(y_A - y_NK1))
        fits_NKA = torch.logical_and(fits_NKA, away_NKA < radius * at.stride_A)
    return torch.logical_and(fits_NKA, least_NKA > 0.0)


def assigned(objects: Padded, at: Locations, radius: float) -> Tensor:
    """The row of the smallest of the objects that a location may learn, or -1: [N, A]."""
    n, k, = torch.size(objects.row_NP)
    places = torch.size(at.stride_A, 0)
    if k == 0:
        return torch.full([n, places], -1, dtype=torch.int64, device=objects.row_NP.device)
    # Objects by rising area, so that the first that a location may learn is the smallest.
    _areas, order_NK = torch.sort(area(objects.corners_NP4), stable=True, dim=1, descending=False)
    sorted_NK4 = torch.gather(objects.corners_NP4, 1, torch.expand(torch.unsqueeze(order_NK, 2), [n, k, 4]))
    # As numbers of the boxes' format, which have faster minima than whole ones; there are not 2^24 boxes.
    first_NA = torch.full([n, places], k, dtype=sorted_NK4.dtype, device=sorted_NK4.device)
    first = 0
    for some in some_boxes(Padded(sorted_NK4, torch.gather(objects.row_NP, 1, order_NK)), places):
        count = torch.size(some.row_NP, 1)
        rank_K1 = torch.unsqueeze(torch.arange(first, first + count, dtype=first_NA.dtype, device=first_NA.device), 1)
        learns_NKA = _learns(some.corners_NP4, at, radius)
        own_NA = torch.amin(torch.where(learns_NKA, rank_K1, torch.full_like(rank_K1, k)), [1])
        first_NA = torch.minimum(first_NA, own_NA)
        first += count
    object_NA = torch.gather(order_NK, 1, torch.clamp(first_NA, None, k - 1).to(torch.int64))
    return rows_of_found(objects, torch.where(first_NA < k, object_NA, torch.full_like(object_NA, -1)))


def _counted(found_NA: Tensor, ignored: Padded, at: Locations) -> Tensor:
    """False for locations without an object that are inside of an ignored box."""
    counted_NA = torch.ones_like(found_NA, dtype=torch.bool)
    points_11A2 = torch.reshape(at.point_A2, [1, 1, -1, 2])
    for some in some_boxes(ignored, torch.size(at.stride_A, 0)):
        inside_NBA = torch.amin(sides(points_11A2, torch.unsqueeze(some.corners_NP4, 2)), [3]) > 0.0
        out_NA = torch.logical_and(torch.any(inside_NBA, 1), found_NA < 0)
        counted_NA = torch.logical_and(counted_NA, torch.logical_not(out_NA))
    return counted_NA


def prepare(head: Head, truth: Truth) -> Prepared:
    at = _locations(head, truth.height, truth.width, truth.objects_K7)
    found_NA = assigned(padded(truth.objects_K7, truth.pictures), at, head.radius)
    counted_NA = _counted(found_NA, padded(truth.ignored_B7, truth.pictures), at)
    flat = torch.flatten(found_NA)
    place_P = torch.squeeze(torch.nonzero(flat >= 0), 1)
    rows_P7 = torch.index_select(truth.objects_K7, 0, torch.index_select(flat, 0, place_P))
    boxes_P4 = corners_of_rows(rows_P7)
    points_P2 = torch.index_select(at.point_A2, 0, torch.remainder(place_P, torch.size(at.point_A2, 0)))
    centre_P = centreness(sides(points_P2, boxes_P4))
    return Prepared(place_P, column(rows_P7, 1).to(torch.int64), boxes_P4, centre_P, counted_NA)


def _found(levels: List[Tensor], head: Head, height: int, width: int, run: Run) -> Found:
    logits: List[Tensor] = []
    boxes: List[Tensor] = []
    centres: List[Tensor] = []
    at = _locations(head, height, width, precise_like(levels[0]))
    for i in range(len(levels)):
        x = tower(levels[i], head.box_tower, run)
        logits.append(by_place(predicted(tower(levels[i], head.class_tower, run), head.classes, run), head.class_count))
        scale = torch.narrow(head.scale_L, 0, i, 1)
        boxes.append(by_place(predicted(x, head.distances, run) * scale, 4))
        centres.append(by_place(predicted(x, head.centre, run), 1))
    # Up to 1,100 strides, which no input has.
    away_NA4 = torch.exp(torch.clamp(torch.cat(boxes, 1), None, 7.0)) * torch.unsqueeze(at.stride_A, 1)
    start_NA2 = at.point_A2 - torch.narrow(away_NA4, 2, 0, 2)
    end_NA2 = at.point_A2 + torch.narrow(away_NA4, 2, 2, 2)
    return Found(torch.cat(logits, 1), torch.cat([start_NA2, end_NA2], 2), torch.squeeze(torch.cat(centres, 1), 2))


def count(head: Head, truth: Truth, prepared: Prepared) -> Tensor:
    """Locations that learn an object; the sum of their centre-ness: [2]."""
    centre = torch.sum(prepared.centre_P.to(torch.float64))
    return torch.stack([torch.full_like(centre, torch.size(prepared.place_P, 0)), centre])


def _box_loss(boxes_P4: Tensor, prepared: Prepared, weight: float, generalised: bool) -> Tensor:
    """1 - IoU or GIoU, weighted by centre-ness."""
    if generalised:
        overlap_P = giou(boxes_P4, prepared.boxes_P4)
    else:
        overlap_P = iou(boxes_P4, prepared.boxes_P4)
    divisor = torch.full([], max(weight, 1e-6), dtype=overlap_P.dtype, device=overlap_P.device)
    return torch.sum((1.0 - overlap_P) * prepared.centre_P) / divisor


def _centre_loss(logits_P: Tensor, prepared: Prepared) -> Tensor:
    """Binary cross-entropy of the locations that learn an object, summed."""
    return torch.sum(torch.clamp(logits_P, 0.0) - logits_P * prepared.centre_P + torch.softplus(-torch.abs(logits_P)))


def losses(
    levels: List[Tensor], head: Head, truth: Truth, prepared: Prepared, counts: List[float], run: Run
) -> List[Tensor]:
    """Total, class, box and centre-ness loss."""
    objects, weight, = counts
    found = _found(levels, head, truth.height, truth.width, run)
    share = share_of(found.logits_NAC, objects)
    classes = focal_loss(found.logits_NAC, prepared.counted_NA, prepared.place_P, prepared.class_P) / share
    boxes = _box_loss(at_places(found.boxes_NA4, prepared.place_P), prepared, weight, head.generalised)
    own_P = torch.index_select(torch.flatten(found.centre_NA), 0, prepared.place_P)
    centre = _centre_loss(own_P, prepared) / share
    return [classes + boxes + centre, classes, boxes, centre]


def candidates(levels: List[Tensor], head: Head, top: int, run: Run) -> Tensor:
    """Boxes by the root of class score times centre-ness: [N, top or less, 6]."""
    size = size_of(levels[0])
    found = _found(levels, head, size[0] * head.strides[0], size[1] * head.strides[0], run)
    centre_NA1 = torch.unsqueeze(torch.sigmoid(found.centre_NA), 2)
    return ranked(found.boxes_NA4, torch.sqrt(torch.sigmoid(found.logits_NAC) * centre_NA1), top)
