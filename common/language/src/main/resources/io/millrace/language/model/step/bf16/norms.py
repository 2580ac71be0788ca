# Norms of the hand-written step (fused_step.py) on bfloat16 tensors, forward and backward: computed in float32, of
# operations that every libtorch has (fused_norms.py needs a newer one). The legend of weights.py holds here too.
import torch
from torch import Tensor
from typing import NamedTuple


class SavedNorm(NamedTuple):
    input_TD: Tensor
    reciprocal_T1: Tensor  # of the root mean square, float32
    result_TD: Tensor


def _norm_forward(x_TD: Tensor, weight_D: Tensor, eps: float) -> SavedNorm:
    """RMSNorm."""
    length_T1 = torch.linalg_vector_norm(x_TD, 2, [-1], True, dtype=torch.float32)
    reciprocal_T1 = torch.rsqrt(length_T1 * length_T1 / float(torch.size(x_TD, -1)) + eps)
    n_TD = torch.empty(torch.size(x_TD), dtype=x_TD.dtype, device=x_TD.device)
    torch.mul(x_TD, reciprocal_T1, out=n_TD)
    return SavedNorm(x_TD, reciprocal_T1, n_TD.mul_(weight_D))


def _norm_backward(dh_TD: Tensor, weight_D: Tensor, gradient_D: Tensor, saved: SavedNorm) -> Tensor:
    """Of the input; overwrites dh."""
    x_TD = torch.contiguous(saved.input_TD)
    gradient_D.add_(torch.mv(torch.t(dh_TD * x_TD), torch.squeeze(saved.reciprocal_T1, 1).to(x_TD.dtype)))
    # d|x|/dx times a length of sqrt(D), as weight normalisation has it: one pass. The length goes into the weight,
    # because bfloat16 would round it.
    root = float(torch.size(x_TD, -1)) ** 0.5
    dn_TD = dh_TD.mul_(weight_D.to(torch.float32) * root)
    dx_TD, _lengths = torch._weight_norm_interface_backward(
        dn_TD, x_TD, torch.ones(torch.size(saved.reciprocal_T1), dtype=x_TD.dtype, device=x_TD.device),
        root / saved.reciprocal_T1, 0)
    return dx_TD
