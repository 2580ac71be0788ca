# A detector: a backbone, a neck and a head, each from a file of its own, linked by the names of their functions.
#
# Shape suffixes: N pictures (of all branches), C channels, H and W rows and columns of the picture, K objects, B ignored boxes.
#
# Rows of boxes are picture, class, centre x, centre y, width, height in pixels of the input, and the root of the area in
# the picture's own pixels. Ignored boxes are neither objects nor background: crowds, and objects out of range.
#
# What a head must define: `Head`; `Prepared` and `prepare`, what follows from the truth alone, once for a batch; `count`, what
# losses are divided by, to be added up over all batches of a step; `losses`, the total and then its parts; `candidates`,
# rows of left, top, width, height, score, class by falling score.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Network(NamedTuple):
    backbone: Backbone
    neck: Neck
    head: Head
    upsampler: Upsampler
    learned: List[Tensor]  # all of the above in the order of DetectorLayout


class Truth(NamedTuple):
    """What is to be found in a batch."""

    objects_K7: Tensor
    ignored_B7: Tensor
    pictures: int  # times branches
    height: int  # of the input
    width: int
    seeds_N: Tensor  # whole numbers below 2^32 from which a picture's random choices follow


class Task(NamedTuple):
    """A batch's truth, and what the head made of it."""

    truth: Truth
    prepared: Prepared


def prepared(
    network: Network, objects_K7: Tensor, ignored_B7: Tensor, size: List[int], branches: List[int], seeds: List[int]
) -> Task:
    """With a seed for each picture."""
    height, width, = size
    seeds_N = torch.repeat(torch.tensor(seeds, dtype=torch.int64, device=objects_K7.device), [len(branches)])
    truth = Truth(objects_K7, ignored_B7, torch.size(seeds_N, 0), height, width, seeds_N)
    return Task(truth, prepare(network.head, truth))


def _levels(x_NCHW: Tensor, network: Network, run: Run) -> List[Tensor]:
    x_NCHW = enlarged(x_NCHW, network.upsampler, run)
    return neck(backbone(x_NCHW, network.backbone, run), network.neck, run)


def _restores(network: Network) -> bool:
    """Whether pictures are to be restored besides."""
    return len(network.upsampler.convs) > 0


def _parts(x_NCHW: Tensor, network: Network, task: Task, counts: List[float], run: Run) -> List[Tensor]:
    """The total loss and its parts; the last of the counts is of pictures if they are restored."""
    levels = _levels(x_NCHW, network, run)
    if not _restores(network):
        return losses(levels, network.head, task.truth, task.prepared, counts, run)
    last = len(counts) - 1
    parts = losses(levels, network.head, task.truth, task.prepared, counts[:last], run)
    pictures = counts[last] / float(len(run.branches))
    restoring = restoring_loss(x_NCHW, network.upsampler, pictures, run)
    return [parts[0] + network.upsampler.weight * restoring] + parts[1:] + [restoring]


def _normalised(rgb_NHW3: Tensor, network: Network) -> Tensor:
    """Bytes to numbers in [-1, 1]; 128, the padding, becomes almost 0. Channels stay last in memory."""
    x_NHW3 = (rgb_NHW3.to(precise_type(network.learned[0])) * (1.0 / 127.5)).sub_(1.0)
    return torch.permute(x_NHW3, [0, 3, 1, 2])


def counts(network: Network, task: Task) -> Tensor:
    """What the losses of a batch are divided by."""
    found = count(network.head, task.truth, task.prepared)
    if _restores(network):
        found = torch.cat([found, torch.full([1], task.truth.pictures, dtype=found.dtype, device=found.device)])
    return found


def batch_losses(network: Network, rgb_NHW3: Tensor, task: Task, counts: List[float], branches: List[int]) -> Tensor:
    """The total loss and its parts without augmentation."""
    run = Run(False, branches)
    return torch.stack(_parts(_normalised(rgb_NHW3, network), network, task, counts, run))


def add_gradients(
    gradients: List[Tensor], network: Network, rgb_NHW3: Tensor, affine_N23: Tensor, tones_N2: Tensor,
    task: Task, counts: List[float], branches: List[int]
) -> Tensor:
    """Adds the gradients of all weights; this batch's share of the total loss and its parts."""
    run = Run(True, branches)
    x_NCHW = augmented(_normalised(rgb_NHW3, network), affine_N23, tones_N2)
    parts = _parts(x_NCHW, network, task, counts, run)
    found: List[Tensor] = []
    for gradient in torch.grad([parts[0]], network.learned):
        if gradient is not None:
            found.append(gradient)
    torch._foreach_add_(gradients, found)
    return torch.stack(parts).detach()


def overwrite(targets: List[Tensor], values: List[Tensor]) -> List[Tensor]:
    torch._foreach_copy_(targets, values)
    return targets


def detect(network: Network, rgb_NHW3: Tensor, top: int, branches: List[int]) -> Tensor:
    """Candidates of every branch of a picture: [N, top or less, 6]."""
    run = Run(False, branches)
    levels = _levels(_normalised(rgb_NHW3, network), network, run)
    return candidates(levels, network.head, top, run)
