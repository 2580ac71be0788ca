# As norms.py, of operations that newer libtorch has on CUDA (TensorCores.java).
import torch
from torch import Tensor
from typing import NamedTuple


class SavedNorm(NamedTuple):
    input_TD: Tensor
    reciprocal_T1: Tensor  # of the root mean square, float32
    result_TD: Tensor


def _norm_forward(x_TD: Tensor, weight_D: Tensor, eps: float) -> SavedNorm:
    """RMSNorm."""
    result_TD, reciprocal_T1 = torch._fused_rms_norm(x_TD, [torch.size(x_TD, -1)], weight_D, eps)
    return SavedNorm(x_TD, reciprocal_T1, result_TD)


def _norm_backward(dh_TD: Tensor, weight_D: Tensor, gradient_D: Tensor, saved: SavedNorm) -> Tensor:
    """Of the input."""
    dx_TD, dweight_D = torch._fused_rms_norm_backward(
        dh_TD, saved.input_TD, [torch.size(weight_D, 0)], saved.reciprocal_T1, weight_D, [True, True])
    gradient_D.add_(dweight_D)
    return dx_TD
