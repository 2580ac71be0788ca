# What the tests of MTCNN look at.
import torch
from torch import Tensor
from typing import List


def crops_of(network: Network, objects_K7: Tensor, ignored_B7: Tensor, seeds_N: Tensor, side: int) -> List[Tensor]:
    """Boxes, pictures, objects, places that learn boxes and scores, classes, and how many of each picture do."""
    truth = Truth(objects_K7, ignored_B7, torch.size(seeds_N, 0), side, side, seeds_N)
    none = torch.zeros([0, 4], dtype=objects_K7.dtype)
    given: List[Tensor] = []
    for _ in range(truth.pictures):
        given.append(none)
    some = crops(truth, 0, network.head.rule, given)
    scored = torch.tensor(some.scored, dtype=torch.int64)
    return [some.boxes_R4, some.picture_R, some.objects_R4, some.boxed, some.scored_at, some.classes, scored]


def read_by(network: Network, place: int, x_NCHW: Tensor) -> List[Tensor]:
    logits, shifts = read_crops(x_NCHW, network.head.nets[place], Run(False, [0]))
    return [torch.contiguous(logits), torch.contiguous(shifts)]


def activated_by(network: Network, place: int, x_NCHW: Tensor, slope_O: Tensor) -> List[Tensor]:
    """The first layer with other slopes: as it is read, and by the letter: PReLU, then pooling. With gradients by x."""
    own = network.head.nets[place].layers[0]
    layer = CropConv(own.weight_OIkk.detach(), own.bias_O.detach(), slope_O, own.pool)
    found: List[Tensor] = []
    for _ in range(2):
        x = torch.requires_grad_(x_NCHW.detach().clone())
        y = torch.conv2d(x, layer.weight_OIkk, layer.bias_O)
        y = _activated(y, layer) if len(found) == 0 else _pooled(torch.prelu(y, slope_O), layer)
        found.append(torch.contiguous(y.detach()))
        for gradient in torch.grad([torch.sum(torch.square(y))], [x]):
            if gradient is not None:
                found.append(torch.contiguous(gradient))
    return found


def pyramid_of(network: Network, height: int, width: int) -> Tensor:
    return torch.tensor(pyramid_sizes(height, width, network.head.cascade), dtype=torch.int64)


def hardest_of(losses_R: Tensor, sizes: List[int], share: float) -> Tensor:
    return hardest(losses_R, sizes, share)


def crops_with(
    network: Network, objects_K7: Tensor, ignored_B7: Tensor, seeds_N: Tensor, side: int, given_S4: Tensor
) -> Tensor:
    """Boxes of the crops of a picture, where these squares are handed on."""
    truth = Truth(objects_K7, ignored_B7, 1, side, side, seeds_N)
    return crops(truth, 0, network.head.rule, [given_S4]).boxes_R4


def handed_on_by(network: Network, rgb_NHW3: Tensor) -> List[Tensor]:
    proposed, refined, = handed_on(_normalised(rgb_NHW3, network), network.head, Run(False, [0]))
    return [proposed, refined]


def chain_loss(
    network: Network, rgb_NHW3: Tensor, task: Task, counts: List[float], proposed_NT: Tensor, refined_NT: Tensor
) -> Tensor:
    """The total loss where these rows are handed on."""
    x = _normalised(rgb_NHW3, network)
    handed = [proposed_NT, refined_NT]
    return losses_with(x, handed, network.head, task.truth, task.prepared, counts, Run(False, [0]))[0]
