# What heads have in common that give every cell of several maps a score a class, and a box.
#
# Shape suffixes: N pictures, A places (cells, or anchors of cells) of a picture, C classes, P places of all pictures that
# learn an object, T candidates.
import torch
from torch import Tensor
from typing import List


def tower(x_NCHW: Tensor, convs: List[Conv], run: Run) -> Tensor:
    for conv in convs:
        x_NCHW = active_conv(x_NCHW, conv, run)
    return x_NCHW


def by_place(map_NOhw: Tensor, values: int) -> Tensor:
    """Cell by cell what a convolution gives for each place of a cell: [N, A, values]."""
    n, _channels, h, w, = torch.size(map_NOhw)
    each_NMvhw = torch.reshape(map_NOhw, [n, -1, values, h, w])
    return torch.reshape(torch.permute(each_NMvhw, [0, 3, 4, 1, 2]), [n, -1, values])


def share_of(like: Tensor, count: float) -> Tensor:
    """What a loss is divided by, at least 1: a tensor, because a GPU multiplies by the inverse of a number."""
    return torch.full([], max(count, 1.0), dtype=like.dtype, device=like.device)


def one_hot(classes_NA: Tensor, count: int, like: Tensor) -> Tensor:
    """1 at the class, none where it is negative: [N, A, C]."""
    known_C = torch.arange(count, device=classes_NA.device)
    return (torch.unsqueeze(classes_NA, -1) == known_C).to(like.dtype)


def at_places(each_NAX: Tensor, place_P: Tensor) -> Tensor:
    """The rows of some places, which are numbered over all pictures: [P, X]."""
    return torch.index_select(torch.flatten(each_NAX, 0, 1), 0, place_P)


def ranked(boxes_NA4: Tensor, score_NAC: Tensor, top: int) -> Tensor:
    """The highest scores of all places and classes: left, top, width, height, score, class. [N, top or less, 6]."""
    n, places, classes, = torch.size(score_NAC)
    score_NT, at_NT = torch.topk(torch.reshape(score_NAC, [n, -1]), min(top, places * classes), 1)
    place_NT4 = torch.expand(torch.unsqueeze(torch.floor_divide(at_NT, classes), 2), [-1, -1, 4])
    found_NT4 = torch.gather(boxes_NA4, 1, place_NT4)
    start_NT2 = torch.narrow(found_NT4, 2, 0, 2)
    size_NT2 = torch.narrow(found_NT4, 2, 2, 2) - start_NT2
    class_NT = torch.remainder(at_NT, classes).to(score_NT.dtype)
    return torch.cat([start_NT2, size_NT2, torch.stack([score_NT, class_NT], 2)], 2)
