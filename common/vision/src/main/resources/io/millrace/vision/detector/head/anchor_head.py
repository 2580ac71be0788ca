# A head with anchors on several maps: RetinaNet's (Lin et al. 2017, arXiv 1708.02002) with a focal loss, SSD's (Liu et al.
# 2016, arXiv 1512.02325) with a softmax and hard negatives, and those of S3FD and FaceBoxes, which are SSD's with other rules.
#
# Shape suffixes: N pictures, A anchors of a picture (the finest map first), C classes, P anchors of all pictures that learn
# an object.
import torch
from torch import Tensor
from typing import List, NamedTuple


class LevelHead(NamedTuple):
    """The convolutions of a map; maps may share them."""

    class_tower: List[Conv]
    box_tower: List[Conv]
    classes: Conv  # logits: of the backgrounds, then of the classes
    deltas: Conv  # see encode
    backgrounds: int  # logits of which the largest is that of the background; 0 for a focal loss, which has none


class Head(NamedTuple):
    levels: List[LevelHead]
    cells: List[CellAnchors]
    matching: Matching
    class_count: int
    focal: bool
    negatives: int  # anchors of the background that learn, a positive one; without a focal loss
    box_weight: float
    centre_spread: float
    size_spread: float


class Found(NamedTuple):
    logits: Tensor  # [N, A, C], or [N, A, 1 + C] with the background first
    deltas_NA4: Tensor


class Prepared(NamedTuple):
    """What the anchors of all pictures learn."""

    found_NA: Tensor  # row of an object; -1: background, -2: neither
    place_P: Tensor  # of those that learn an object
    class_P: Tensor
    boxes_P4: Tensor  # corners
    anchors_P4: Tensor


def prepare(head: Head, truth: Truth) -> Prepared:
    anchors_A4 = all_anchors(head.cells, truth.height, truth.width, truth.objects_K7)
    objects = padded(truth.objects_K7, truth.pictures)
    ignored = padded(truth.ignored_B7, truth.pictures)
    found_NA = matches(objects, ignored, torch.unsqueeze(anchors_A4, 0), head.matching)
    flat = torch.flatten(found_NA)
    place_P = torch.squeeze(torch.nonzero(flat >= 0), 1)
    rows_P7 = torch.index_select(truth.objects_K7, 0, torch.index_select(flat, 0, place_P))
    anchors_P4 = torch.index_select(anchors_A4, 0, torch.remainder(place_P, torch.size(anchors_A4, 0)))
    return Prepared(found_NA, place_P, column(rows_P7, 1).to(torch.int64), corners_of_rows(rows_P7), anchors_P4)


def classes_of(prepared: Prepared) -> Tensor:
    """The class that an anchor learns; -1: background, -2: neither. [N, A]"""
    none = torch.clamp(torch.flatten(prepared.found_NA), None, -1)
    return torch.reshape(torch.index_copy(none, 0, prepared.place_P, prepared.class_P), torch.size(prepared.found_NA))


def _logits(x_NCHW: Tensor, level: LevelHead, classes: int, run: Run) -> Tensor:
    each = by_place(predicted(tower(x_NCHW, level.class_tower, run), level.classes, run), level.backgrounds + classes)
    if level.backgrounds > 1:
        background = torch.amax(torch.narrow(each, 2, 0, level.backgrounds), [2], True)
        each = torch.cat([background, torch.narrow(each, 2, level.backgrounds, classes)], 2)
    return each


def _found(levels: List[Tensor], head: Head, run: Run) -> Found:
    logits: List[Tensor] = []
    deltas: List[Tensor] = []
    for i in range(len(levels)):
        level = head.levels[i]
        logits.append(_logits(levels[i], level, head.class_count, run))
        deltas.append(by_place(predicted(tower(levels[i], level.box_tower, run), level.deltas, run), 4))
    return Found(torch.cat(logits, 1), torch.cat(deltas, 1))


def hard_negatives(loss_NA: Tensor, class_NA: Tensor, each: int) -> Tensor:
    """1 where the background learns: the largest losses of a picture, so many a positive one, or as if there were one."""
    positives_N1 = torch.sum((class_NA >= 0).to(torch.int64), [1], True)
    most_N1 = torch.clamp(positives_N1, 1) * each
    count = min(int(torch.max(most_N1)), torch.size(loss_NA, 1))
    loss_NM, at_NM = torch.topk(torch.where(class_NA == -1, loss_NA, torch.full_like(loss_NA, -1.0)), count, 1)
    rank_M = torch.arange(count, device=loss_NA.device)
    hard_NM = torch.logical_and(rank_M < most_N1, loss_NM >= 0.0)
    return torch.scatter(torch.zeros_like(loss_NA), 1, at_NM, hard_NM.to(loss_NA.dtype))


def softmax_loss(logits: Tensor, class_NA: Tensor, negatives: int) -> Tensor:
    """Cross-entropy of the positive anchors and of the hardest of the others, summed."""
    background_NA = -torch.select(torch.log_softmax(logits.detach(), 2), 2, 0)
    hard_NA = hard_negatives(background_NA, class_NA, negatives)
    learns_NA = torch.logical_or(class_NA >= 0, hard_NA > 0.0)
    place_P = torch.squeeze(torch.nonzero(torch.flatten(learns_NA)), 1)
    wanted_P = torch.index_select(torch.flatten(class_NA), 0, place_P) + 1
    # A sum (reduction 2).
    return torch.cross_entropy_loss(at_places(logits, place_P), wanted_P, None, 2)


def count(head: Head, truth: Truth, prepared: Prepared) -> Tensor:
    """Anchors that learn an object: [1]."""
    return torch.tensor([torch.size(prepared.place_P, 0)], dtype=torch.float64)


def losses(
    levels: List[Tensor], head: Head, truth: Truth, prepared: Prepared, counts: List[float], run: Run
) -> List[Tensor]:
    """Total, class and box loss."""
    positives, = counts
    found = _found(levels, head, run)
    if head.focal:
        classes = focal_loss(found.logits, prepared.found_NA > -2, prepared.place_P, prepared.class_P)
    else:
        classes = softmax_loss(found.logits, classes_of(prepared), head.negatives)
    wanted_P4 = encode(prepared.boxes_P4, prepared.anchors_P4, head.centre_spread, head.size_spread)
    # A sum (reduction 2).
    boxes = torch.smooth_l1_loss(at_places(found.deltas_NA4, prepared.place_P), wanted_P4, 2, 1.0)
    share = share_of(found.logits, positives)
    classes = classes / share
    boxes = boxes / share
    return [classes + head.box_weight * boxes, classes, boxes]


def candidates(levels: List[Tensor], head: Head, top: int, run: Run) -> Tensor:
    """Boxes by the score of a class: [N, top or less, 6]."""
    found = _found(levels, head, run)
    size = size_of(levels[0])
    stride = head.cells[0].stride
    anchors_A4 = all_anchors(head.cells, size[0] * stride, size[1] * stride, found.deltas_NA4)
    boxes_NA4 = decode_deltas(found.deltas_NA4, anchors_A4, head.centre_spread, head.size_spread)
    if head.focal:
        score_NAC = torch.sigmoid(found.logits)
    else:
        score_NAC = torch.narrow(torch.softmax(found.logits, 2), 2, 1, head.class_count)
    return ranked(boxes_NA4, score_NAC, top)
