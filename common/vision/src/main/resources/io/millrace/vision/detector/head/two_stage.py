# Faster R-CNN (Ren et al. 2015, arXiv 1506.01497): proposals, then a class and a better box for each.
#
# Shape suffixes: N pictures, T proposals of each, R regions of all pictures, C classes.
# Boxes by their corners. The class after the last one is background.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class BoxStage(NamedTuple):
    layers: List[Linear]  # fully connected ones that a region's features pass
    blocks: List[Block]  # or blocks of convolutions, whose cells are averaged
    dilation: int  # of these
    scores: Linear  # logits of classes and background
    deltas: Linear
    features: RoiAlign
    maps: int  # the finest maps, of which features are taken
    finest: int  # the stride of the first is 2 to the power of it
    canonical: float  # size of a region that belongs to stride 16
    matching: Matching
    sampled: int  # regions of a picture that are learned from
    positives: int  # how many of them may lie on objects
    from_objects: bool  # objects themselves are proposals in training
    agnostic: bool  # one box for all classes
    classes: int


class Head(NamedTuple):
    proposals: ProposalStage
    boxes: BoxStage


class Prepared(NamedTuple):
    objects: Padded
    ignored: Padded
    anchors: AnchorSample


class Sample(NamedTuple):
    """Regions that are learned from."""

    regions: Regions
    classes_R: Tensor
    objects_R4: Tensor  # boxes of the objects; background has its own


def _corners_of(rows: Tensor) -> Tensor:
    left, top, wide, high, _score, _map, = torch.unbind(rows, -1)
    return torch.stack([left, top, left + wide, top + high], -1)


def regions_of(boxes_R4: Tensor, picture_R: Tensor, stage: BoxStage) -> Regions:
    return Regions(boxes_R4, picture_R, map_by_size(boxes_R4, stage.maps, stage.finest, stage.canonical))


def _with_objects(rows_NT6: Tensor, objects: Padded, stage: BoxStage, truth: Truth) -> Tuple[Tensor, Tensor]:
    """Boxes of all proposals, zeros where there is none, and whether there is one."""
    known_NT = torch.select(rows_NT6, 2, 4) > 0.0
    boxes_NT4 = _corners_of(rows_NT6) * torch.unsqueeze(known_NT, 2)
    if stage.from_objects:
        boxes_NT4 = torch.cat([boxes_NT4, within(objects.corners_NP4, truth.height, truth.width)], 1)
        known_NT = torch.cat([known_NT, objects.row_NP >= 0], 1)
    return boxes_NT4, known_NT


def sample(proposals_NT6: Tensor, stage: BoxStage, prepared: Prepared, truth: Truth) -> Sample:
    """Regions of all pictures; few proposals may lie on objects, or few beside them."""
    boxes_NT4, known_NT = _with_objects(proposals_NT6, prepared.objects, stage, truth)
    n, t, = torch.size(known_NT)
    found_NT = matches(prepared.objects, prepared.ignored, boxes_NT4, stage.matching)
    found_NT = torch.where(known_NT, found_NT, torch.full_like(found_NT, -2))
    # Choices follow from a proposal's place among those that there are.
    place_NT = torch.cumsum(known_NT.to(torch.int64), 1) - 1
    chosen = shared_sample(found_NT, torch.clamp(place_NT, 0), truth, 3, stage.sampled, stage.positives)
    picture_R, background_R, place_R, = torch.unbind(torch.nonzero(torch.stack(chosen, 1)), 1)
    at_R = picture_R * t + place_R
    boxes_R4 = torch.index_select(torch.flatten(boxes_NT4, 0, 1), 0, at_R)
    row_R = torch.index_select(torch.flatten(found_NT), 0, at_R)
    # Background has a row of its own, behind those of the objects.
    none_17 = torch.full([1, 7], stage.classes, dtype=boxes_R4.dtype, device=boxes_R4.device)
    known_R = torch.where(row_R >= 0, row_R, torch.full_like(row_R, torch.size(truth.objects_K7, 0)))
    rows_R7 = torch.index_select(torch.cat([truth.objects_K7, none_17]), 0, known_R)
    objects_R4 = torch.where(torch.unsqueeze(background_R == 0, 1), corners_of_rows(rows_R7), boxes_R4)
    return Sample(regions_of(boxes_R4, picture_R, stage), torch.select(rows_R7, 1, 1).to(torch.int64), objects_R4)


def _told_apart(x_RCkk: Tensor, stage: BoxStage, run: Run) -> Tensor:
    """What classes and boxes of regions are told from: [R, O]."""
    x = x_RCkk
    for block in stage.blocks:
        x = residual_block(x, block, stage.dilation, run)
    x = torch.mean(x, [2, 3]) if len(stage.blocks) > 0 else torch.flatten(x, 1)
    for layer in stage.layers:
        x = active_linear(x, layer)
    return x


def read(levels: List[Tensor], regions: Regions, stage: BoxStage, run: Run) -> Tuple[Tensor, Tensor]:
    """Logits of classes and background [R, C + 1], and deltas [R, C or 1, 4]."""
    maps: List[Tensor] = []
    for i in range(stage.maps):
        maps.append(levels[i])
    x = _told_apart(roi_align(maps, regions, stage.features), stage, run)
    boxes = 1 if stage.agnostic else stage.classes
    return predicted_values(x, stage.scores), torch.reshape(predicted_values(x, stage.deltas), [-1, boxes, 4])


def box_losses(levels: List[Tensor], some: Sample, stage: BoxStage, counted: float, run: Run) -> List[Tensor]:
    """Class and box loss of sampled regions, a sample's share of the sums."""
    logits, deltas_RC4 = read(levels, some.regions, stage, run)
    # Sums (reduction 2).
    classes = torch.cross_entropy_loss(logits, some.classes_R, None, 2)
    positive = torch.squeeze(torch.nonzero(some.classes_R < stage.classes), 1)
    own = torch.index_select(some.classes_R, 0, positive)
    if stage.agnostic:
        own = torch.zeros_like(own)
    at = torch.expand(torch.reshape(own, [-1, 1, 1]), [-1, 1, 4])
    deltas = torch.squeeze(torch.gather(torch.index_select(deltas_RC4, 0, positive), 1, at), 1)
    objects = torch.index_select(some.objects_R4, 0, positive)
    wanted = encode(objects, torch.index_select(some.regions.boxes_R4, 0, positive), 0.1, 0.2)
    return [classes / counted, torch.smooth_l1_loss(deltas, wanted, 2, 1.0) / counted]


def prepare(head: Head, truth: Truth) -> Prepared:
    objects = padded(truth.objects_K7, truth.pictures)
    ignored = padded(truth.ignored_B7, truth.pictures)
    anchors_A4 = all_anchors(head.proposals.anchors, truth.height, truth.width, truth.objects_K7)
    return Prepared(objects, ignored, sample_anchors(anchors_A4, head.proposals, objects, ignored, truth))


def count(head: Head, truth: Truth, prepared: Prepared) -> Tensor:
    """Anchors and regions that are to be sampled, whether there are as many or not: [2]."""
    each = torch.tensor([head.proposals.sampled, head.boxes.sampled], dtype=torch.float64)
    return each * truth.pictures


def losses_of(
    levels: List[Tensor], maps: Anchored, proposals_NT6: Tensor, head: Head, truth: Truth, prepared: Prepared, counts: List[float],
    run: Run
) -> List[Tensor]:
    """Total and its parts with given proposals."""
    anchors, regions, = counts
    objectness, shift, = proposal_losses(maps, prepared.anchors, anchors)
    classes, box, = box_losses(levels, sample(proposals_NT6, head.boxes, prepared, truth), head.boxes, regions, run)
    return [objectness + shift + classes + box, objectness, shift, classes, box]


def losses(
    levels: List[Tensor], head: Head, truth: Truth, prepared: Prepared, counts: List[float], run: Run
) -> List[Tensor]:
    """Total, objectness and box loss of proposals, class and box loss of regions."""
    stage = head.proposals
    maps = anchored(levels, stage, run)
    found = proposals(maps, stage, truth.height, truth.width, stage.learn_before, stage.learn_after)
    return losses_of(levels, maps, found, head, truth, prepared, counts, run)


def _detections(
    levels: List[Tensor], boxes_R4: Tensor, picture_R: Tensor, stage: BoxStage, size: List[int], run: Run
) -> Tensor:
    """Rows of all classes: [R, C, 6]."""
    height, width, = size
    logits, deltas = read(levels, regions_of(boxes_R4, picture_R, stage), stage, run)
    score = torch.narrow(torch.softmax(logits, 1), 1, 0, stage.classes)
    moved = within(decode_deltas(deltas, torch.unsqueeze(boxes_R4, 1), 0.1, 0.2), height, width)
    left, top, right, bottom, = torch.unbind(torch.expand(moved, [-1, stage.classes, 4]), -1)
    known = torch.expand(torch.arange(stage.classes, dtype=score.dtype, device=score.device), torch.size(score))
    return torch.stack([left, top, right - left, bottom - top, score, known], 2)


def candidates(levels: List[Tensor], head: Head, top: int, run: Run) -> Tensor:
    """The best boxes of all classes before suppression: [N, top or as many as there are, 6]."""
    stage = head.proposals
    stride = head.proposals.anchors[0].stride
    height = torch.size(levels[0], 2) * stride
    width = torch.size(levels[0], 3) * stride
    found = proposals(anchored(levels, stage, run), stage, height, width, stage.detect_before, stage.detect_after)
    n = torch.size(found, 0)
    rows = torch.flatten(found, 0, 1)
    at_R = torch.squeeze(torch.nonzero(torch.select(rows, 1, 4) > 0.0), 1)
    boxes_R4 = _corners_of(torch.index_select(rows, 0, at_R))
    picture_R = torch.floor_divide(at_R, torch.size(found, 1))
    some = _detections(levels, boxes_R4, picture_R, head.boxes, [height, width], run)
    all_rows = torch.zeros([torch.size(rows, 0), head.boxes.classes, 6], dtype=rows.dtype, device=rows.device)
    each = torch.reshape(torch.index_copy(all_rows, 0, at_R, some), [n, -1, 6])
    _scores, order = torch.topk(torch.select(each, 2, 4), min(top, torch.size(each, 1)), 1)
    return torch.gather(each, 1, torch.expand(torch.unsqueeze(order, 2), [-1, -1, 6]))
