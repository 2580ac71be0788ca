# Functions that the tests of the kernel compiler call.
from typing import List, Tuple
import torch
from torch import Tensor


def _gated(x: Tensor, w: Tensor) -> Tensor:
    return torch.silu(x) * w


def gated(
    x: Tensor,  # [T, D]
    w: Tensor,
) -> Tensor:
    """SiLU gate."""
    return _gated(x, w)


def gated_gradients(x: Tensor, w: Tensor) -> Tuple[Tensor, List[Tensor]]:
    x_leaf = x.detach().requires_grad_()
    w_leaf = w.detach().requires_grad_()
    y = _gated(x_leaf, w_leaf).sum()
    grads: List[Tensor] = []
    for g in torch.grad([y], [x_leaf, w_leaf]):
        if g is not None:
            grads.append(g)
    return y.detach(), grads


def scaled_sum(xs: List[Tensor], scale: float, times: int, negate: bool, shape: List[int]) -> Tensor:
    total = torch.zeros(shape)
    for x in xs:
        for _i in range(times):
            total = total + x * scale
    if negate:
        total = -total
    return total
