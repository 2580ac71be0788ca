# Functions with right and wrong gradients.
from typing import List
import torch
from torch import Tensor


def value(inputs: List[Tensor], power: float) -> Tensor:
    return torch.sum(torch.tanh(torch.mm(inputs[0], inputs[1])) ** power)


def gradients(inputs: List[Tensor], power: float) -> List[Tensor]:
    leaves: List[Tensor] = []
    for x in inputs:
        leaves.append(x.detach().requires_grad_())
    found: List[Tensor] = []
    for g in torch.grad([value(leaves, power)], leaves):
        if g is not None:
            found.append(g)
    return found


def wrong_gradients(inputs: List[Tensor], power: float) -> List[Tensor]:
    """One entry of the second is off by a thousandth."""
    found = gradients(inputs, power)
    torch.mul_(torch.select(torch.view(found[1], [-1]), 0, 3), 1.001)
    return found
