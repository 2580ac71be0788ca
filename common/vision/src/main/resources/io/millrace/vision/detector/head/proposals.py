# Region proposals (Ren et al. 2015, "Faster R-CNN", section 3, arXiv 1506.01497), on one map or on those of a pyramid.
#
# Shape suffixes: N pictures, A anchors of a picture, M those of a cell, h and w rows and columns of a map, P and Q sampled
# anchors of all pictures, T proposals. Rows of proposals are left, top, width, height, score, map, as nms.py has them.
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
        own = torch.reshape(torch.permute(predicted(x, stage.objectness, run), [0, 2, 3, 1]), [n, -1])
        logits.append(own)
        deltas.append(torch.reshape(torch.permute(predicted(x, stage.deltas, run), [0, 2, 3, 1]), [n, -1, 4]))
        boxes.append(level_anchors(stage.anchors[i], h, w, own))
        sizes.append(torch.size(own, 1))
    return Anchored(torch.cat(logits, 1), torch.cat(deltas, 1), torch.cat(boxes), sizes)


class AnchorSample(NamedTuple):
    """Anchors of all pictures that are learned from, by their places."""

    negative_Q: Tensor
    positive_P: Tensor
    objects_P4: Tensor
    anchors_P4: Tensor


def shared_sample(found_NA: Tensor, place_NA: Tensor, truth: Truth, stream: int, most: int, positives: int) -> List[Tensor]:
    """True for what is learned from: so many at most that found objects, the rest of what is background. [N, A] each.

    Places are what random choices follow from.
    """
    limit_N = torch.full([truth.pictures], positives, dtype=torch.int64, device=found_NA.device)
    positive_NA = sampled(found_NA >= 0, place_NA, truth.seeds_N, stream, limit_N, positives)
    rest_N = most - torch.sum(positive_NA.to(torch.int64), [1])
    return [positive_NA, sampled(found_NA == -1, place_NA, truth.seeds_N, stream + 1, rest_N, most)]


def sample_anchors(boxes_A4: Tensor, stage: ProposalStage, objects: Padded, ignored: Padded, truth: Truth) -> AnchorSample:
    found_NA = matches(objects, ignored, torch.unsqueeze(boxes_A4, 0), stage.matching)
    place_1A = torch.unsqueeze(torch.arange(torch.size(boxes_A4, 0), device=boxes_A4.device), 0)
    positive_NA, negative_NA, = shared_sample(found_NA, place_1A, truth, 1, stage.sampled, stage.positives)
    positive_P = torch.squeeze(torch.nonzero(torch.flatten(positive_NA)), 1)
    row_P = torch.index_select(torch.flatten(found_NA), 0, positive_P)
    objects_P4 = corners_of_rows(torch.index_select(truth.objects_K7, 0, row_P))
    anchors_P4 = torch.index_select(boxes_A4, 0, torch.remainder(positive_P, torch.size(boxes_A4, 0)))
    return AnchorSample(torch.squeeze(torch.nonzero(torch.flatten(negative_NA)), 1), positive_P, objects_P4, anchors_P4)


def proposal_losses(maps: Anchored, some: AnchorSample, counted: float) -> List[Tensor]:
    """Objectness and box loss of sampled anchors, a sample's share of the sums."""
    logits = torch.flatten(maps.logits_NA)
    objectness = -torch.sum(torch.log_sigmoid(torch.index_select(logits, 0, some.positive_P)))
    objectness = objectness - torch.sum(torch.log_sigmoid(-torch.index_select(logits, 0, some.negative_Q)))
    wanted_P4 = encode(some.objects_P4, some.anchors_P4, 1.0, 1.0)
    deltas_P4 = torch.index_select(torch.flatten(maps.deltas_NA4, 0, 1), 0, some.positive_P)
    # A sum (reduction 2); quadratic up to 1/9 (sigma 3 in the published code).
    box = torch.smooth_l1_loss(deltas_P4, wanted_P4, 2, 1.0 / 9.0)
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
        own = _rows_of_map(logits[i], deltas[i], boxes[i], i, before, [height, width])
        # Boxes of other maps suppress none of these, so that there are far fewer pairs than of all together.
        rows.append(suppress(own, stage.rule, after))
    return best_rows(torch.cat(rows, 1), after)
