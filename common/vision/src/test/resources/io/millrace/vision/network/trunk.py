# A backbone and a neck by themselves, for tests.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Trunk(NamedTuple):
    backbone: Backbone
    neck: Neck
    learned: List[Tensor]


def maps(x_NCHW: Tensor, trunk: Trunk, run: Run) -> List[Tensor]:
    return backbone(x_NCHW, trunk.backbone, run)


def necks(x_NCHW: Tensor, trunk: Trunk, run: Run) -> List[Tensor]:
    return neck(maps(x_NCHW, trunk, run), trunk.neck, run)


def trunk_value(x_NCHW: Tensor, trunk: Trunk, run: Run) -> Tensor:
    """A number that depends on every cell of every map."""
    total = torch.zeros([], dtype=x_NCHW.dtype)
    for level in necks(x_NCHW, trunk, run):
        shape = [torch.size(level, 0), torch.size(level, 1), torch.size(level, 2), torch.size(level, 3)]
        factors = torch.sin(torch.reshape(torch.arange(torch.numel(level), dtype=level.dtype), shape))
        total = total + torch.sum(level * factors)
    return total


def trunk_gradients(x_NCHW: Tensor, trunk: Trunk, run: Run) -> List[Tensor]:
    found: List[Tensor] = []
    for gradient in torch.grad([trunk_value(x_NCHW, trunk, run)], trunk.learned):
        if gradient is not None:
            found.append(gradient)
    return found
