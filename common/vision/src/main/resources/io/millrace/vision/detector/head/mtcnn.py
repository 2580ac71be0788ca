# MTCNN (Zhang et al. 2016, arXiv 1604.02878): three networks, each of which looks closer at what the one before found.
# Landmarks are left out: there is nothing in the boxes to learn them from.
#
# Shape suffixes: N pictures, T squares of each, R squares of all pictures, h and w rows and columns of P-Net's result.
# Rows are left, top, width, height, score, class, and the four shifts of the edges, as nms.py takes them.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class Cascade(NamedTuple):
    """What is passed on from network to network."""

    smallest: float  # pixels of the smallest object
    factor: float  # of the size of one picture of the pyramid to the one before
    scores: List[float]  # from which each network's squares are objects
    within: Suppression  # of P-Net's squares of one picture of the pyramid
    across: Suppression  # of all of its squares, and of R-Net's
    proposals: int  # squares that go from P-Net to R-Net
    refined: int  # from R-Net to O-Net


class Head(NamedTuple):
    nets: List[CropNet]  # P, R, O
    rule: CropRule
    hard: float  # share of the crops whose scores are learned
    chained: bool  # R-Net and O-Net learn from what the network before them finds
    box_weight: float
    cascade: Cascade


class Prepared(NamedTuple):
    crops: List[Crops]  # of each network; of the first one alone if the others learn from what it finds


def prepare(head: Head, truth: Truth) -> Prepared:
    none: List[Tensor] = []
    for _ in range(truth.pictures):
        none.append(torch.zeros([0, 4], dtype=truth.objects_K7.dtype, device=truth.objects_K7.device))
    all_of: List[Crops] = []
    for i in range(1 if head.chained else len(head.nets)):
        all_of.append(crops(truth, 16 * i, head.rule, none))
    return Prepared(all_of)


def count(head: Head, truth: Truth, prepared: Prepared) -> Tensor:
    """Crops of a network whose scores and whose boxes are to be learned, whether there are as many or not: [2]."""
    scores = float(head.rule.negatives + head.rule.positives) * head.hard
    boxes = float(head.rule.positives + head.rule.parts)
    return torch.tensor([scores, boxes], dtype=torch.float64) * truth.pictures


def net_losses(x_N3HW: Tensor, some: Crops, net: CropNet, hard: float, counts: List[float], run: Run) -> List[Tensor]:
    """Loss of the scores of the hardest crops, and squared distance of boxes; a crop's share of the sums."""
    scores, boxes, = counts
    logits, shifts = read_regions(x_N3HW, some.boxes_R4, some.picture_R, net, run)
    # Of each crop (reduction 0).
    each = torch.cross_entropy_loss(torch.index_select(logits, 0, some.scored_at), some.classes, None, 0)
    score = hardest(each, some.scored, hard) / scores
    own = torch.index_select(some.boxes_R4, 0, some.boxed)
    left, top, right, bottom, = torch.unbind(own, 1)
    sides = torch.stack([right - left, bottom - top, right - left, bottom - top], 1)
    wanted = (torch.index_select(some.objects_R4, 0, some.boxed) - own) / sides
    box = torch.sum(torch.square(torch.index_select(shifts, 0, some.boxed) - wanted)) / boxes
    return [score, box]


def _squares_of(rows_NT: Tensor) -> List[Tensor]:
    """The squares around what a network found in each picture."""
    squares: List[Tensor] = []
    for rows in torch.unbind(rows_NT):
        found = torch.squeeze(torch.nonzero(torch.select(rows, 1, 4) > 0.0), 1)
        squares.append(squared(_moved(torch.index_select(rows, 0, found))))
    return squares


def handed_on(x_N3HW: Tensor, head: Head, run: Run) -> Tuple[Tensor, Tensor]:
    """What P-Net hands to R-Net, and R-Net to O-Net, as constants: rows [N, T, 10]; none unless they learn from it."""
    if not head.chained:
        none = torch.zeros([torch.size(x_N3HW, 0), 0, 10], dtype=x_N3HW.dtype, device=x_N3HW.device)
        return none, none
    proposed = _first_squares(x_N3HW, still(head.nets[0]), head.cascade, run)
    looked = _looked_at(x_N3HW, proposed, still(head.nets[1]), head.cascade.scores[1], run)
    return proposed, suppress(looked, head.cascade.across, head.cascade.refined)


def losses(
    levels: List[Tensor], head: Head, truth: Truth, prepared: Prepared, counts: List[float], run: Run
) -> List[Tensor]:
    """Total, then the score and box loss of each network on crops of its own."""
    proposed, refined, = handed_on(levels[0], head, run)
    return losses_with(levels[0], [proposed, refined], head, truth, prepared, counts, run)


def losses_with(
    x_N3HW: Tensor, handed_NT: List[Tensor], head: Head, truth: Truth, prepared: Prepared, counts: List[float], run: Run
) -> List[Tensor]:
    """The losses where the first two networks hand these rows on."""
    parts: List[Tensor] = []
    total = torch.zeros([], dtype=x_N3HW.dtype, device=x_N3HW.device)
    for i in range(len(head.nets)):
        if i < len(prepared.crops):
            some = prepared.crops[i]
        else:
            some = crops(truth, 16 * i, head.rule, _squares_of(handed_NT[i - 1]))
        score, box, = net_losses(x_N3HW, some, head.nets[i], head.hard, counts, run)
        total = total + score + head.box_weight * box
        parts.append(score)
        parts.append(box)
    return [total] + parts


def pyramid_sizes(height: int, width: int, cascade: Cascade) -> List[List[int]]:
    """Rows and columns of the pictures of the pyramid: in the first one the smallest object fills a crop of 12."""
    sizes: List[List[int]] = []
    scale = 12.0 / cascade.smallest
    while float(min(height, width)) * scale >= 12.0:
        sizes.append([int(float(height) * scale + 0.5), int(float(width) * scale + 0.5)])
        scale = scale * cascade.factor
    return sizes


def _passed(score: Tensor, least: float) -> Tensor:
    return score * (score >= least).to(score.dtype)


def _squares(logits_N2hw: Tensor, shifts_N4hw: Tensor, scale_x: float, scale_y: float, least: float) -> Tensor:
    """What P-Net says of every other place of a picture of the pyramid: [N, h * w, 10]."""
    n, _two, h, w, = torch.size(logits_N2hw)
    score = _passed(torch.flatten(torch.select(torch.softmax(logits_N2hw, 1), 1, 1), 1), least)
    left = torch.arange(w, dtype=score.dtype, device=score.device) * (2.0 / scale_x)
    top = torch.arange(h, dtype=score.dtype, device=score.device) * (2.0 / scale_y)
    left = torch.reshape(torch.expand(torch.unsqueeze(left, 0), [n, h, w]), [n, -1])
    top = torch.reshape(torch.expand(torch.unsqueeze(torch.unsqueeze(top, 1), 0), [n, h, w]), [n, -1])
    wide = torch.full_like(score, 12.0 / scale_x)
    high = torch.full_like(score, 12.0 / scale_y)
    rows = torch.stack([left, top, wide, high, score, torch.zeros_like(score)], 2)
    return torch.cat([rows, torch.transpose(torch.flatten(shifts_N4hw, 2), 1, 2)], 2)


def _first_squares(x_N3HW: Tensor, net: CropNet, cascade: Cascade, run: Run) -> Tensor:
    """P-Net's squares, by the pyramid: [N, T, 10]."""
    height = torch.size(x_N3HW, 2)
    width = torch.size(x_N3HW, 3)
    found: List[Tensor] = []
    for size in pyramid_sizes(height, width, cascade):
        high, wide, = size
        x = torch._upsample_bilinear2d_aa(x_N3HW, size, False)
        logits, shifts = read_crops(x, net, run)
        rows = _squares(logits, shifts, float(wide) / float(width), float(high) / float(height), cascade.scores[0])
        found.append(suppress(rows, cascade.within, cascade.proposals))
    return suppress(torch.cat(found, 1), cascade.across, cascade.proposals)


def _moved(rows: Tensor) -> Tensor:
    """Corners of the boxes that rows tell of, along the last dimension."""
    left, top, wide, high, = torch.unbind(torch.narrow(rows, -1, 0, 4), -1)
    return shifted(torch.stack([left, top, left + wide, top + high], -1), torch.narrow(rows, -1, 6, 4))


def _rows(boxes_R4: Tensor, score_R: Tensor, shifts_R4: Tensor) -> Tensor:
    left, top, right, bottom, = torch.unbind(boxes_R4, 1)
    rows = torch.stack([left, top, right - left, bottom - top, score_R, torch.zeros_like(score_R)], 1)
    return torch.cat([rows, shifts_R4], 1)


def _looked_at(x_N3HW: Tensor, rows: Tensor, net: CropNet, least: float, run: Run) -> Tensor:
    """What the next network says of squares around the boxes: [N, T, 10]."""
    n, t, fields, = torch.size(rows)
    flat = torch.reshape(rows, [-1, fields])
    at_R = torch.squeeze(torch.nonzero(torch.select(flat, 1, 4) > 0.0), 1)
    none = torch.zeros_like(flat)
    if torch.size(at_R, 0) > 0:
        boxes_R4 = squared(_moved(torch.index_select(flat, 0, at_R)))
        logits, shifts = read_regions(x_N3HW, boxes_R4, torch.floor_divide(at_R, t), net, run)
        score_R = _passed(torch.select(torch.softmax(logits, 1), 1, 1), least)
        none = torch.index_copy(none, 0, at_R, _rows(boxes_R4, score_R, shifts))
    return torch.reshape(none, [n, t, fields])


def candidates(levels: List[Tensor], head: Head, top: int, run: Run) -> Tensor:
    """O-Net's boxes before the last suppression: [N, top or as many as there are, 6]."""
    cascade = head.cascade
    x = levels[0]
    found = _first_squares(x, head.nets[0], cascade, run)
    found = _looked_at(x, found, head.nets[1], cascade.scores[1], run)
    found = suppress(found, cascade.across, cascade.refined)
    found = _looked_at(x, found, head.nets[2], cascade.scores[2], run)
    left, top_edge, right, bottom, = torch.unbind(_moved(found), -1)
    score = torch.select(found, 2, 4) * torch.logical_and(right > left, bottom > top_edge)
    rows = torch.stack([left, top_edge, right - left, bottom - top_edge, score, torch.zeros_like(score)], 2)
    _scores, order = torch.topk(score, min(top, torch.size(score, 1)), 1)
    return torch.gather(rows, 1, torch.expand(torch.unsqueeze(order, 2), [-1, -1, 6]))
