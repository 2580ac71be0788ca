# Region proposals (Ren et al. 2015, "Faster R-CNN", section 3, arXiv 1506.01497), on one map or on those of a pyramid.
#
# Shape suffixes: N pictures, A anchors of a picture, M those of a cell, h and w rows and columns of a map, K objects,
# B ignored boxes, T proposals. Rows of proposals are left, top, width, height, score, map, as nms.py has them.
import torch
from torch import Tensor
from typing import List, NamedTuple


class ProposalStage(NamedTuple):
    hidden: Conv
    objectness: Conv  # logits
    deltas: Conv
    anchors: List[CellAnchors]
    matching: Matching
    rule: Suppression
    sampled: int  # anchors of a picture that are learned from
    positives: int  # how many of them may lie on objects
    learn_before: int  # proposals of a map before suppression, in training
    learn_after: int  # of a picture after it
    detect_before: int
    detect_after: int


class Anchored(NamedTuple):
    """What the maps say of the anchors."""

    logits_NA: Tensor
    deltas_NA4: Tensor
    boxes_A4: Tensor
    sizes: List[int]  # anchors of each map


def anchored(levels: List[Tensor], stage: ProposalStage, run: Run) -> Anchored:
    logits: List[Tensor] = []
    deltas: List[Tensor] = []
    boxes: List[Tensor] = []
    sizes: List[int] = []
    for i in range(len(levels)):
        n, _c, h, w, = torch.size(levels[i])
        x = active_conv(levels[i], stage.hidden, run)
        own = torch.reshape(torch.permute(plain_conv(x, stage.objectness, run), [0, 2, 3, 1]), [n, -1])
        logits.append(own)
        deltas.append(torch.reshape(torch.permute(plain_conv(x, stage.deltas, run), [0, 2, 3, 1]), [n, -1, 4]))
        boxes.append(level_anchors(stage.anchors[i], h, w, levels[i]))
        sizes.append(torch.size(own, 1))
    return Anchored(torch.cat(logits, 1), torch.cat(deltas, 1), torch.cat(boxes), sizes)


def proposal_losses(maps: Anchored, stage: ProposalStage, truth: Truth, counted: float) -> List[Tensor]:
    """Objectness and box loss of sampled anchors, a sample's share of the sums."""
    objectness = torch.zeros([], dtype=maps.logits_NA.dtype, device=maps.logits_NA.device)
    box = torch.zeros_like(objectness)
    for picture in range(truth.pictures):
        objects_K4 = corners_of_rows(rows_of_picture(truth.objects_K7, picture))
        ignored_B4 = corners_of_rows(rows_of_picture(truth.ignored_B7, picture))
        seed = torch.select(truth.seeds_N, 0, picture)
        found_A = matches(objects_K4, ignored_B4, maps.boxes_A4, stage.matching)
        positive = drawn(found_A >= 0, seed, 1, stage.positives)
        negative = drawn(found_A == -1, seed, 2, stage.sampled - torch.size(positive, 0))
        logits_A = torch.select(maps.logits_NA, 0, picture)
        objectness = objectness - torch.sum(torch.log_sigmoid(torch.index_select(logits_A, 0, positive)))
        objectness = objectness - torch.sum(torch.log_sigmoid(-torch.index_select(logits_A, 0, negative)))
        objects = torch.index_select(objects_K4, 0, torch.index_select(found_A, 0, positive))
        wanted = encode(objects, torch.index_select(maps.boxes_A4, 0, positive), 1.0, 1.0)
        deltas = torch.index_select(torch.select(maps.deltas_NA4, 0, picture), 0, positive)
        # A sum (reduction 2); quadratic up to 1/9 (sigma 3 in the published code).
        box = box + torch.smooth_l1_loss(deltas, wanted, 2, 1.0 / 9.0)
    return [objectness / counted, box / counted]


def within(boxes: Tensor, height: int, width: int) -> Tensor:
    """Boxes by their corners, clipped to the picture."""
    left, top, right, bottom, = torch.unbind(boxes, -1)
    across = [torch.clamp(left, 0.0, width), torch.clamp(right, 0.0, width)]
    down = [torch.clamp(top, 0.0, height), torch.clamp(bottom, 0.0, height)]
    return torch.stack([across[0], down[0], across[1], down[1]], -1)


def _rows_of_map(logits_NA: Tensor, deltas_NA4: Tensor, boxes_A4: Tensor, place: int, most: int, size: List[int]) -> Tensor:
    """The best anchors of a map, moved by their deltas: [N, most or all, 6]."""
    height, width, = size
    found_NT, at_NT = torch.topk(logits_NA, min(most, torch.size(logits_NA, 1)), 1)
    deltas_NT4 = torch.gather(deltas_NA4, 1, torch.expand(torch.unsqueeze(at_NT, 2), [-1, -1, 4]))
    anchors_NT4 = torch.reshape(torch.index_select(boxes_A4, 0, torch.flatten(at_NT)), torch.size(deltas_NT4))
    left, top, right, bottom, = torch.unbind(within(decode_deltas(deltas_NT4, anchors_NT4, 1.0, 1.0), height, width), -1)
    wide = right - left
    high = bottom - top
    score = torch.sigmoid(found_NT) * torch.logical_and(wide > 0.0, high > 0.0)
    return torch.stack([left, top, wide, high, score, torch.full_like(score, place)], 2)


def proposals(maps: Anchored, stage: ProposalStage, height: int, width: int, before: int, after: int) -> Tensor:
    """Boxes that may hold objects, by falling score, with nothing to learn from: [N, after or less, 6]."""
    logits = torch.split_with_sizes(maps.logits_NA.detach(), maps.sizes, 1)
    deltas = torch.split_with_sizes(maps.deltas_NA4.detach(), maps.sizes, 1)
    boxes = torch.split_with_sizes(maps.boxes_A4, maps.sizes)
    rows: List[Tensor] = []
    for i in range(len(maps.sizes)):
        rows.append(_rows_of_map(logits[i], deltas[i], boxes[i], i, before, [height, width]))
    return suppress(torch.cat(rows, 1), stage.rule, after)
