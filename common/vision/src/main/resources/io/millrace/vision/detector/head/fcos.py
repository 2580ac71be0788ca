# The head of FCOS (Tian et al. 2019, arXiv 1904.01355) with the improvements of its later version (arXiv 2006.09214):
# centre sampling, distances in strides, centre-ness beside the distances, a loss by overlap.
#
# Shape suffixes: N pictures, A locations of a picture (cells, the finest map first), C classes, K objects, B ignored boxes.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


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


class Targets(NamedTuple):
    class_NA: Tensor  # -1: background
    boxes_NA4: Tensor  # corners
    centre_NA: Tensor  # centre-ness, 0 where there is no object
    counted_NA: Tensor  # 0: neither object nor background


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


def _learns(boxes_K4: Tensor, at: Locations, radius: float) -> Tensor:
    """Where a location may learn an object: [K, A] of booleans."""
    sides_KA4 = sides(torch.unsqueeze(at.point_A2, 0), torch.unsqueeze(boxes_K4, 1))
    inside_KA = torch.amin(sides_KA4, [2]) > 0.0
    largest_KA = torch.amax(sides_KA4, [2])
    # The bounds are one's own above and the finer level's below, so that no object falls between two levels.
    fits_KA = torch.logical_and(largest_KA > at.least_A, largest_KA <= at.most_A)
    if radius > 0.0:
        middle_K12 = torch.unsqueeze(torch.narrow(centred(boxes_K4), 1, 0, 2), 1)
        away_KA = torch.amax(torch.abs(torch.unsqueeze(at.point_A2, 0) - middle_K12), [2])
        inside_KA = torch.logical_and(inside_KA, away_KA < radius * at.stride_A)
    return torch.logical_and(inside_KA, fits_KA)


def assigned(boxes_K4: Tensor, at: Locations, radius: float) -> Tensor:
    """The place of the smallest of the objects that a location may learn, or -1: [A]."""
    none_A = torch.full_like(at.stride_A, -1.0).to(torch.int64)
    if torch.size(boxes_K4, 0) == 0:
        return none_A
    area_KA = torch.expand(torch.unsqueeze(area(boxes_K4), 1), [-1, torch.size(none_A, 0)])
    learns_KA = _learns(boxes_K4, at, radius)
    area_KA = torch.where(learns_KA, area_KA, torch.full_like(area_KA, 1e18))
    smallest_A, object_A = torch.min(area_KA, 0)
    return torch.where(smallest_A < 1e18, object_A, none_A)


def _counted(found_A: Tensor, ignored_B4: Tensor, at: Locations) -> Tensor:
    """0 for locations without an object that are inside of an ignored box."""
    if torch.size(ignored_B4, 0) == 0:
        return torch.ones_like(at.stride_A)
    inside_BA = torch.amin(sides(torch.unsqueeze(at.point_A2, 0), torch.unsqueeze(ignored_B4, 1)), [2]) > 0.0
    out_A = torch.logical_and(torch.any(inside_BA, 0), found_A < 0)
    return torch.logical_not(out_A).to(at.stride_A.dtype)


def _learned(rows_K7: Tensor, found_A: Tensor, at: Locations) -> Tuple[Tensor, Tensor, Tensor]:
    """Class, box and centre-ness of every location."""
    if torch.size(rows_K7, 0) == 0:
        nothing = torch.zeros_like(at.stride_A)
        return found_A, torch.cat([at.point_A2, at.point_A2], 1), nothing
    place_A = torch.clamp(found_A, 0)
    boxes_A4 = torch.index_select(corners_of_rows(rows_K7), 0, place_A)
    class_A = torch.index_select(column(rows_K7, 1), 0, place_A).to(torch.int64)
    centre_A = centreness(sides(at.point_A2, boxes_A4)) * (found_A >= 0)
    return torch.where(found_A >= 0, class_A, found_A), boxes_A4, centre_A


def targets(head: Head, truth: Truth, like: Tensor) -> Targets:
    """What all locations of all pictures learn."""
    at = _locations(head, truth.height, truth.width, like)
    classes: List[Tensor] = []
    boxes: List[Tensor] = []
    centres: List[Tensor] = []
    counted: List[Tensor] = []
    for picture in range(truth.pictures):
        rows_K7 = rows_of_picture(truth.objects_K7, picture)
        found_A = assigned(corners_of_rows(rows_K7), at, head.radius)
        class_A, box_A4, centre_A = _learned(rows_K7, found_A, at)
        classes.append(class_A)
        boxes.append(box_A4)
        centres.append(centre_A)
        counted.append(_counted(found_A, corners_of_rows(rows_of_picture(truth.ignored_B7, picture)), at))
    return Targets(torch.stack(classes), torch.stack(boxes), torch.stack(centres), torch.stack(counted))


def _found(levels: List[Tensor], head: Head, height: int, width: int, run: Run) -> Found:
    logits: List[Tensor] = []
    boxes: List[Tensor] = []
    centres: List[Tensor] = []
    at = _locations(head, height, width, levels[0])
    for i in range(len(levels)):
        x = tower(levels[i], head.box_tower, run)
        logits.append(by_place(plain_conv(tower(levels[i], head.class_tower, run), head.classes, run), head.class_count))
        scale = torch.narrow(head.scale_L, 0, i, 1)
        boxes.append(by_place(plain_conv(x, head.distances, run) * scale, 4))
        centres.append(by_place(plain_conv(x, head.centre, run), 1))
    # Up to 1,100 strides, which no input has.
    away_NA4 = torch.exp(torch.clamp(torch.cat(boxes, 1), None, 7.0)) * torch.unsqueeze(at.stride_A, 1)
    start_NA2 = at.point_A2 - torch.narrow(away_NA4, 2, 0, 2)
    end_NA2 = at.point_A2 + torch.narrow(away_NA4, 2, 2, 2)
    return Found(torch.cat(logits, 1), torch.cat([start_NA2, end_NA2], 2), torch.squeeze(torch.cat(centres, 1), 2))


def count(head: Head, truth: Truth) -> Tensor:
    """Locations that learn an object; the sum of their centre-ness: [2]."""
    target = targets(head, truth, truth.objects_K7)
    objects = torch.sum((target.class_NA >= 0).to(torch.float64))
    return torch.stack([objects, torch.sum(target.centre_NA.to(torch.float64))])


def _box_loss(found: Found, target: Targets, weight: float, generalised: bool) -> Tensor:
    """1 - IoU or GIoU, weighted by centre-ness."""
    if generalised:
        overlap_NA = giou(found.boxes_NA4, target.boxes_NA4)
    else:
        overlap_NA = iou(found.boxes_NA4, target.boxes_NA4)
    divisor = torch.full([], max(weight, 1e-6), dtype=overlap_NA.dtype, device=overlap_NA.device)
    return torch.sum((1.0 - overlap_NA) * target.centre_NA) / divisor


def _centre_loss(logits_NA: Tensor, target: Targets) -> Tensor:
    """Binary cross-entropy, summed over the locations that learn an object."""
    own_NA = (target.class_NA >= 0).to(logits_NA.dtype)
    entropy_NA = torch.clamp(logits_NA, 0.0) - logits_NA * target.centre_NA + torch.softplus(-torch.abs(logits_NA))
    return torch.sum(entropy_NA * own_NA)


def losses(levels: List[Tensor], head: Head, truth: Truth, counts: List[float], run: Run) -> List[Tensor]:
    """Total, class, box and centre-ness loss."""
    objects, weight, = counts
    found = _found(levels, head, truth.height, truth.width, run)
    target = targets(head, truth, levels[0])
    hot_NAC = one_hot(target.class_NA, head.class_count, levels[0])
    share = share_of(levels[0], objects)
    classes = focal_loss(found.logits_NAC, hot_NAC, target.counted_NA) / share
    boxes = _box_loss(found, target, weight, head.generalised)
    centre = _centre_loss(found.centre_NA, target) / share
    return [classes + boxes + centre, classes, boxes, centre]


def candidates(levels: List[Tensor], head: Head, top: int, run: Run) -> Tensor:
    """Boxes by the root of class score times centre-ness: [N, top or less, 6]."""
    size = size_of(levels[0])
    found = _found(levels, head, size[0] * head.strides[0], size[1] * head.strides[0], run)
    centre_NA1 = torch.unsqueeze(torch.sigmoid(found.centre_NA), 2)
    return ranked(found.boxes_NA4, torch.sqrt(torch.sigmoid(found.logits_NAC) * centre_NA1), top)
