# Norms of the hand-written step (fused_step.py), forward and backward, in the number format of the weights. The
# legend of weights.py holds here too.
import torch
from torch import Tensor
from typing import NamedTuple, Tuple


class SavedNorm(NamedTuple):
    normalised_TD: Tensor
    reciprocal_T1: Tensor  # of the root mean square
    result_TD: Tensor


def _normalised(x_TD: Tensor, eps: float) -> Tuple[Tensor, Tensor]:
    """x over its root mean square, and the reciprocal of that, [T, 1]."""
    length_T1 = torch.linalg_vector_norm(x_TD, 2, [-1], True)
    reciprocal_T1 = torch.rsqrt(length_T1 * length_T1 / float(torch.size(x_TD, -1)) + eps)
    return x_TD * reciprocal_T1, reciprocal_T1


def _norm_forward(x_TD: Tensor, weight_D: Tensor, eps: float) -> SavedNorm:
    """RMSNorm."""
    n_TD, reciprocal_T1 = _normalised(x_TD, eps)
    return SavedNorm(n_TD, reciprocal_T1, n_TD * weight_D)


def _norm_backward(dh_TD: Tensor, weight_D: Tensor, gradient_D: Tensor, saved: SavedNorm) -> Tensor:
    """Of the input; overwrites dh."""
    n_TD = saved.normalised_TD
    gradient_D.add_(torch.sum(dh_TD * n_TD, [0]))
    dn_TD = dh_TD.mul_(weight_D)
    # d|n|/dx of a vector n of length sqrt(D), as weight normalisation has it: one pass.
    root = float(torch.size(n_TD, -1)) ** 0.5
    dx_TD, _lengths = torch._weight_norm_interface_backward(
        dn_TD, n_TD, saved.reciprocal_T1 * root, torch.full_like(saved.reciprocal_T1, root), 0)
    return dx_TD
