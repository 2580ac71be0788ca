# Work that is worth more than one thread.
import torch
from torch import Tensor


def busy(x: Tensor) -> Tensor:
    for _i in range(20):
        x = torch.sigmoid(torch.mm(x, x)) / 64.0
    return x


def grad_mode(x: Tensor) -> Tensor:
    y = x.detach().requires_grad_() * 2.0
    return torch.full([1], int(y.requires_grad), dtype=torch.int64)
