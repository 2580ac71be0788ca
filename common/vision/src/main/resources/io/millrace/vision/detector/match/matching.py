# Which anchors learn which objects of a picture.
#
# Shape suffixes: K objects, B ignored boxes, A anchors; boxes by their corners.
import torch
from torch import Tensor
from typing import NamedTuple


class Matching(NamedTuple):
    """Which overlap, as IoU, makes an anchor learn."""

    positive: float  # an object, from here
    background: float  # that there is none, below; between both it learns nothing
    best: bool  # the anchor that overlaps most with an object learns it too
    compensated: bool  # objects with few anchors get more, as in S3FD


def _with_best(found_A: Tensor, iou_KA: Tensor) -> Tensor:
    """Each object's best anchors learn it; one that is best of several, that which it overlaps with most."""
    best_K1 = torch.amax(iou_KA, [1], True)
    own_A, object_A = torch.max(iou_KA * (iou_KA == best_K1), 0)
    return torch.where(own_A > 0.0, object_A, found_A)


def _compensated(found_A: Tensor, iou_KA: Tensor) -> Tensor:
    """The second stage of S3FD (Zhang et al. 2017, arXiv 1708.05237, section 3.2).

    An object with fewer anchors than the average of the picture, rounded down, but at least 1, gets as many as that
    of those that overlap with it most, by more than 0.1. What an anchor learned in the first stage it keeps; one that
    several objects ask for goes to that which it overlaps with most.
    """
    objects = torch.size(iou_KA, 0)
    anchors_K = torch.bincount(torch.masked_select(found_A, found_A >= 0), None, objects)
    average = max(int(torch.sum(anchors_K)) // objects, 1)
    _most, at_Kn = torch.topk(iou_KA, min(average, torch.size(iou_KA, 1)), 1)
    asked_KA = torch.scatter(torch.zeros_like(iou_KA), 1, at_Kn, 1.0) * torch.unsqueeze(anchors_K < average, 1)
    own_A, object_A = torch.max(iou_KA * asked_KA * (iou_KA > 0.1), 0)
    return torch.where(torch.logical_and(own_A > 0.0, found_A < 0), object_A, found_A)


def _without_ignored(found_A: Tensor, ignored_B4: Tensor, anchors_A4: Tensor, rule: Matching) -> Tensor:
    """Background that is half within an ignored box, or overlaps with it too much for background, is none."""
    if torch.size(ignored_B4, 0) == 0:
        return found_A
    within_BA = intersection(torch.unsqueeze(ignored_B4, 1), torch.unsqueeze(anchors_A4, 0)) / area(anchors_A4)
    covered_A = torch.amax(within_BA, [0]) >= 0.5
    near_A = torch.amax(iou_of_pairs(ignored_B4, anchors_A4), [0]) >= rule.background
    none = torch.logical_and(found_A == -1, torch.logical_or(covered_A, near_A))
    return torch.where(none, torch.full_like(found_A, -2), found_A)


def matches(objects_K4: Tensor, ignored_B4: Tensor, anchors_A4: Tensor, rule: Matching) -> Tensor:
    """The place of the object that an anchor learns; -1: background, -2: it learns nothing. [A], int64."""
    found_A = torch.full([torch.size(anchors_A4, 0)], -1, dtype=torch.int64, device=anchors_A4.device)
    if torch.size(objects_K4, 0) > 0:
        iou_KA = iou_of_pairs(objects_K4, anchors_A4)
        most_A, object_A = torch.max(iou_KA, 0)
        found_A = torch.where(most_A < rule.background, found_A, torch.full_like(found_A, -2))
        found_A = torch.where(most_A >= rule.positive, object_A, found_A)
        if rule.best:
            found_A = _with_best(found_A, iou_KA)
        if rule.compensated:
            found_A = _compensated(found_A, iou_KA)
    return _without_ignored(found_A, ignored_B4, anchors_A4, rule)
