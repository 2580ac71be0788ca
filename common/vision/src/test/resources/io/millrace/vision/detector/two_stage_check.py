# What the tests of the two-stage head look at.
import torch
from torch import Tensor
from typing import List, Tuple


def first_proposals(network: Network, rgb_NHW3: Tensor) -> Tensor:
    levels = _levels(_normalised(rgb_NHW3, network), network, Run(False, [0]))
    stage = network.head.proposals
    maps = anchored(levels, stage, Run(False, [0]))
    height = torch.size(rgb_NHW3, 1)
    return proposals(maps, stage, height, torch.size(rgb_NHW3, 2), stage.learn_before, stage.learn_after)


def frozen_loss(network: Network, rgb_NHW3: Tensor, task: Task, counts: List[float], given_NT6: Tensor) -> Tensor:
    """The total loss with given proposals: gradients take them as they are."""
    run = Run(False, [0])
    levels = _levels(_normalised(rgb_NHW3, network), network, run)
    maps = anchored(levels, network.head.proposals, run)
    return losses_of(levels, maps, given_NT6, network.head, task.truth, task.prepared, counts, run)[0]


def _told(objects_K7: Tensor, ignored_B7: Tensor, seeds_N: Tensor, side: int) -> Truth:
    return Truth(objects_K7, ignored_B7, torch.size(seeds_N, 0), side, side, seeds_N)


def losses_of_anchors(
    network: Network, logits_NA: Tensor, deltas_NA4: Tensor, boxes_A4: Tensor,
    objects_K7: Tensor, ignored_B7: Tensor, seeds_N: Tensor, counted: float
) -> Tensor:
    maps = Anchored(logits_NA, deltas_NA4, boxes_A4, [torch.size(boxes_A4, 0)])
    stage = network.head.proposals
    truth = _told(objects_K7, ignored_B7, seeds_N, 64)
    objects = padded(objects_K7, truth.pictures)
    some = sample_anchors(boxes_A4, stage, objects, padded(ignored_B7, truth.pictures), truth)
    return torch.stack(proposal_losses(maps, some, counted))


def proposals_of(
    network: Network, logits_NA: Tensor, deltas_NA4: Tensor, boxes_A4: Tensor, sizes: List[int], before: int, after: int
) -> Tensor:
    maps = Anchored(logits_NA, deltas_NA4, boxes_A4, sizes)
    return proposals(maps, network.head.proposals, 64, 64, before, after)


def sample_of(
    network: Network, proposals_NT6: Tensor, objects_K7: Tensor, ignored_B7: Tensor, seeds_N: Tensor
) -> List[Tensor]:
    """Boxes, pictures, maps, classes and objects."""
    truth = _told(objects_K7, ignored_B7, seeds_N, 64)
    some = sample(proposals_NT6, network.head.boxes, prepare(network.head, truth), truth)
    regions = some.regions
    return [regions.boxes_R4, regions.picture_R, regions.map_R, some.classes_R, some.objects_R4]


def told_apart(network: Network, x_RCkk: Tensor) -> Tensor:
    return _told_apart(x_RCkk, network.head.boxes, Run(False, [0]))
