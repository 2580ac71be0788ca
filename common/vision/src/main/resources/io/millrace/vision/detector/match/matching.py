# Which anchors learn which objects, for all pictures at once.
#
# Shape suffixes: N pictures, K objects and B ignored boxes of a picture (padded), A anchors, P pairs of an object and an
# anchor that it asks for; boxes by their corners.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class Matching(NamedTuple):
    """Which overlap, as IoU, makes an anchor learn."""

    positive: float  # an object, from here
    background: float  # that there is none, below; between both it learns nothing
    best: bool  # the anchor that overlaps most with an object learns it too
    compensated: bool  # objects with few anchors get more, as in S3FD


class Asked(NamedTuple):
    """Objects that ask for anchors."""

    anchor_P: Tensor  # among the anchors of all pictures
    object_P: Tensor  # among the padded objects of the anchor's picture
    iou_P: Tensor


def _empty(like: Tensor) -> Asked:
    none = torch.zeros([0], dtype=torch.int64, device=like.device)
    return Asked(none, none, torch.zeros([0], dtype=like.dtype, device=like.device))


def _joined(all_of: List[Asked], like: Tensor) -> Asked:
    one = _empty(like)
    anchors = [one.anchor_P]
    objects = [one.object_P]
    overlaps = [one.iou_P]
    for some in all_of:
        anchors.append(some.anchor_P)
        objects.append(some.object_P)
        overlaps.append(some.iou_P)
    return Asked(torch.cat(anchors), torch.cat(objects), torch.cat(overlaps))


def _given(found_NA: Tensor, asked: Asked) -> Tensor:
    """Anchors that are asked for; of several objects one gets that which overlaps most, the first of those alike."""
    flat = torch.flatten(found_NA)
    most_X = torch.scatter_reduce(torch.zeros_like(flat, dtype=asked.iou_P.dtype), 0, asked.anchor_P, asked.iou_P, "amax")
    none = 9223372036854775807
    wins_P = asked.iou_P == torch.index_select(most_X, 0, asked.anchor_P)
    object_P = torch.where(wins_P, asked.object_P, torch.full_like(asked.object_P, none))
    first_X = torch.scatter_reduce(torch.full_like(flat, none), 0, asked.anchor_P, object_P, "amin")
    return torch.reshape(torch.where(most_X > 0.0, first_X, flat), torch.size(found_NA))


def _best_anchors(iou_NKA: Tensor, first: int) -> Asked:
    """Each object's best anchors, if any overlaps with it."""
    best_NK1 = torch.clamp(torch.amax(iou_NKA, [2], True), 1e-30)
    picture_P, object_P, anchor_P, = torch.unbind(torch.nonzero(iou_NKA == best_NK1), 1)
    iou_P = torch.squeeze(best_NK1, 2).flatten()
    at_P = picture_P * torch.size(iou_NKA, 1) + object_P
    return Asked(picture_P * torch.size(iou_NKA, 2) + anchor_P, object_P + first, torch.index_select(iou_P, 0, at_P))


def _most(objects: Padded, anchors_NA4: Tensor, rule: Matching) -> Tuple[Tensor, Tensor, Asked]:
    """The largest overlap of every anchor, that object, and what objects ask for as their best."""
    n = torch.size(objects.row_NP, 0)
    a = torch.size(anchors_NA4, 1)
    most_NA = torch.full([n, a], -1.0, dtype=anchors_NA4.dtype, device=anchors_NA4.device)
    object_NA = torch.zeros([n, a], dtype=torch.int64, device=anchors_NA4.device)
    asked: List[Asked] = []
    first = 0
    for some in some_boxes(objects, a):
        iou_NKA = iou_of_pairs(some.corners_NP4, anchors_NA4)
        if rule.best:
            asked.append(_best_anchors(iou_NKA, first))
        own_NA, at_NA = torch.max(iou_NKA, 1)
        object_NA = torch.where(own_NA > most_NA, at_NA + first, object_NA)
        most_NA = torch.maximum(most_NA, own_NA)
        first += torch.size(some.row_NP, 1)
    return most_NA, object_NA, _joined(asked, anchors_NA4)


def _few(found_NA: Tensor, objects: Padded) -> Tuple[Tensor, Tensor]:
    """How many anchors each object should have, the average of its picture, and 1 for those that have fewer."""
    n, k, = torch.size(objects.row_NP)
    start_N1 = torch.unsqueeze(torch.arange(n, device=found_NA.device) * k, 1)
    place = torch.masked_select(found_NA + start_N1, found_NA >= 0)
    anchors_NK = torch.reshape(torch.bincount(place, None, n * k), [n, k])
    known_NK = objects.row_NP >= 0
    objects_N1 = torch.clamp(torch.sum(known_NK.to(torch.int64), [1], True), 1)
    average_N1 = torch.clamp(torch.floor_divide(torch.sum(anchors_NK, [1], True), objects_N1), 1)
    return average_N1, torch.logical_and(known_NK, anchors_NK < average_N1)


def _compensation(found_NA: Tensor, objects: Padded, anchors_NA4: Tensor) -> Asked:
    """The second stage of S3FD (Zhang et al. 2017, arXiv 1708.05237, section 3.2).

    An object with fewer anchors than the average of the picture, rounded down, but at least 1, gets as many as that
    of those that overlap with it most, by more than 0.1. What an anchor learned in the first stage it keeps; one that
    several objects ask for goes to that which it overlaps with most.
    """
    a = torch.size(anchors_NA4, 1)
    average_N1, few_NK = _few(found_NA, objects)
    count = min(int(torch.max(average_N1)), a)
    wanted_N1M = torch.unsqueeze(torch.arange(count, device=found_NA.device) < average_N1, 1)
    asked: List[Asked] = []
    first = 0
    for some in some_boxes(objects, a):
        iou_NKM, at_NKM = torch.topk(iou_of_pairs(some.corners_NP4, anchors_NA4), count, 2)
        few_NK1 = torch.unsqueeze(torch.narrow(few_NK, 1, first, torch.size(some.row_NP, 1)), 2)
        asks_NKM = torch.logical_and(torch.logical_and(few_NK1, wanted_N1M), iou_NKM > 0.1)
        picture_P, object_P, _rank, = torch.unbind(torch.nonzero(asks_NKM), 1)
        anchor_P = torch.masked_select(at_NKM, asks_NKM) + picture_P * a
        asked.append(Asked(anchor_P, object_P + first, torch.masked_select(iou_NKM, asks_NKM)))
        first += torch.size(some.row_NP, 1)
    return _joined(asked, anchors_NA4)


def _without_ignored(found_NA: Tensor, ignored: Padded, anchors_NA4: Tensor, rule: Matching) -> Tensor:
    """Background that is half within an ignored box, or overlaps with it too much for background, is none."""
    for some in some_boxes(ignored, torch.size(anchors_NA4, 1)):
        shared_NBA = intersection_of_pairs(some.corners_NP4, anchors_NA4)
        near_NBA = iou_of_shared(shared_NBA, some.corners_NP4, anchors_NA4) >= rule.background
        within_NBA = shared_NBA / torch.unsqueeze(area(anchors_NA4), 1) >= 0.5
        known_NB1 = torch.unsqueeze(some.row_NP >= 0, 2)
        out_NA = torch.any(torch.logical_and(torch.logical_or(within_NBA, near_NBA), known_NB1), 1)
        none_NA = torch.logical_and(found_NA == -1, out_NA)
        found_NA = torch.where(none_NA, torch.full_like(found_NA, -2), found_NA)
    return found_NA


def matches(objects: Padded, ignored: Padded, anchors_NA4: Tensor, rule: Matching) -> Tensor:
    """The row of the object that an anchor learns; -1: background, -2: it learns nothing. [N, A], int64.

    Anchors are [1, A, 4] if they are the same for all pictures.
    """
    n = torch.size(objects.row_NP, 0)
    a = torch.size(anchors_NA4, 1)
    found_NA = torch.full([n, a], -1, dtype=torch.int64, device=anchors_NA4.device)
    if torch.size(objects.row_NP, 1) > 0:
        most_NA, object_NA, best = _most(objects, anchors_NA4, rule)
        some_N1 = torch.any(objects.row_NP >= 0, 1, True)
        between_NA = torch.logical_and(most_NA >= rule.background, some_N1)
        found_NA = torch.where(between_NA, torch.full_like(found_NA, -2), found_NA)
        found_NA = torch.where(most_NA >= rule.positive, object_NA, found_NA)
        if rule.best:
            found_NA = _given(found_NA, best)
        if rule.compensated:
            more = _given(found_NA, _compensation(found_NA, objects, anchors_NA4))
            found_NA = torch.where(found_NA < 0, more, found_NA)
        found_NA = rows_of_found(objects, found_NA)
    return _without_ignored(found_NA, ignored, anchors_NA4, rule)
