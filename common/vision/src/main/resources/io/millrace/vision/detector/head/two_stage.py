# Faster R-CNN (Ren et al. 2015, arXiv 1506.01497): proposals, then a class and a better box for each.
#
# Shape suffixes: N pictures, T proposals of each, R regions of all pictures, C classes, K objects, B ignored boxes.
# Boxes by their corners. The class after the last one is background.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class BoxStage(NamedTuple):
    layers: List[Linear]
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


class Sample(NamedTuple):
    """Regions that are learned from."""

    regions: Regions
    classes_R: Tensor
    objects_R4: Tensor  # boxes of the objects; background has its own


def _corners_of(rows_R6: Tensor) -> Tensor:
    left, top, wide, high, _score, _map, = torch.unbind(rows_R6, 1)
    return torch.stack([left, top, left + wide, top + high], 1)


def _found(rows_T6: Tensor) -> Tensor:
    """Those that are proposals at all."""
    return torch.index_select(rows_T6, 0, torch.squeeze(torch.nonzero(torch.select(rows_T6, 1, 4) > 0.0), 1))


def regions_of(boxes_R4: Tensor, picture_R: Tensor, stage: BoxStage) -> Regions:
    return Regions(boxes_R4, picture_R, map_by_size(boxes_R4, stage.maps, stage.finest, stage.canonical))


def _sample_of(rows_T6: Tensor, picture: int, stage: BoxStage, truth: Truth) -> Sample:
    """Of one picture; few proposals may lie on objects, or few beside them."""
    objects_K7 = rows_of_picture(truth.objects_K7, picture)
    objects_K4 = corners_of_rows(objects_K7)
    boxes_T4 = _corners_of(_found(rows_T6))
    if stage.from_objects:
        boxes_T4 = torch.cat([boxes_T4, within(objects_K4, truth.height, truth.width)])
    ignored_B4 = corners_of_rows(rows_of_picture(truth.ignored_B7, picture))
    found_T = matches(objects_K4, ignored_B4, boxes_T4, stage.matching)
    seed = torch.select(truth.seeds_N, 0, picture)
    positive = drawn(found_T >= 0, seed, 3, stage.positives)
    negative = drawn(found_T == -1, seed, 4, stage.sampled - torch.size(positive, 0))
    boxes_R4 = torch.index_select(boxes_T4, 0, torch.cat([positive, negative]))
    object_R = torch.index_select(found_T, 0, positive)
    known = torch.index_select(torch.select(objects_K7, 1, 1).to(torch.int64), 0, object_R)
    classes_R = torch.cat([known, torch.full_like(negative, stage.classes)])
    background = torch.index_select(boxes_T4, 0, negative)
    objects_R4 = torch.cat([torch.index_select(objects_K4, 0, object_R), background])
    return Sample(regions_of(boxes_R4, torch.full_like(classes_R, picture), stage), classes_R, objects_R4)


def sample(proposals_NT6: Tensor, stage: BoxStage, truth: Truth) -> Sample:
    """Regions of all pictures."""
    boxes: List[Tensor] = []
    pictures: List[Tensor] = []
    classes: List[Tensor] = []
    objects: List[Tensor] = []
    for picture in range(truth.pictures):
        some = _sample_of(torch.select(proposals_NT6, 0, picture), picture, stage, truth)
        boxes.append(some.regions.boxes_R4)
        pictures.append(some.regions.picture_R)
        classes.append(some.classes_R)
        objects.append(some.objects_R4)
    regions = regions_of(torch.cat(boxes), torch.cat(pictures), stage)
    return Sample(regions, torch.cat(classes), torch.cat(objects))


def read(levels: List[Tensor], regions: Regions, stage: BoxStage) -> Tuple[Tensor, Tensor]:
    """Logits of classes and background [R, C + 1], and deltas [R, C or 1, 4]."""
    maps: List[Tensor] = []
    for i in range(stage.maps):
        maps.append(levels[i])
    x = torch.flatten(roi_align(maps, regions, stage.features), 1)
    for layer in stage.layers:
        x = active_linear(x, layer)
    boxes = 1 if stage.agnostic else stage.classes
    return plain_linear(x, stage.scores), torch.reshape(plain_linear(x, stage.deltas), [-1, boxes, 4])


def box_losses(levels: List[Tensor], some: Sample, stage: BoxStage, counted: float) -> List[Tensor]:
    """Class and box loss of sampled regions, a sample's share of the sums."""
    logits, deltas_RC4 = read(levels, some.regions, stage)
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


def count(head: Head, truth: Truth) -> Tensor:
    """Anchors and regions that are to be sampled, whether there are as many or not: [2]."""
    each = torch.tensor([head.proposals.sampled, head.boxes.sampled], dtype=torch.float64)
    return each * truth.pictures


def losses_of(
    levels: List[Tensor], maps: Anchored, proposals_NT6: Tensor, head: Head, truth: Truth, counts: List[float]
) -> List[Tensor]:
    """Total and its parts with given proposals."""
    anchors, regions, = counts
    objectness, shift, = proposal_losses(maps, head.proposals, truth, anchors)
    classes, box, = box_losses(levels, sample(proposals_NT6, head.boxes, truth), head.boxes, regions)
    return [objectness + shift + classes + box, objectness, shift, classes, box]


def losses(levels: List[Tensor], head: Head, truth: Truth, counts: List[float], run: Run) -> List[Tensor]:
    """Total, objectness and box loss of proposals, class and box loss of regions."""
    stage = head.proposals
    maps = anchored(levels, stage, run)
    found = proposals(maps, stage, truth.height, truth.width, stage.learn_before, stage.learn_after)
    return losses_of(levels, maps, found, head, truth, counts)


def _detections(levels: List[Tensor], boxes_R4: Tensor, picture_R: Tensor, stage: BoxStage, size: List[int]) -> Tensor:
    """Rows of all classes: [R, C, 6]."""
    height, width, = size
    logits, deltas = read(levels, regions_of(boxes_R4, picture_R, stage), stage)
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
    some = _detections(levels, boxes_R4, picture_R, head.boxes, [height, width])
    all_rows = torch.zeros([torch.size(rows, 0), head.boxes.classes, 6], dtype=rows.dtype, device=rows.device)
    each = torch.reshape(torch.index_copy(all_rows, 0, at_R, some), [n, -1, 6])
    _scores, order = torch.topk(torch.select(each, 2, 4), min(top, torch.size(each, 1)), 1)
    return torch.gather(each, 1, torch.expand(torch.unsqueeze(order, 2), [-1, -1, 6]))
