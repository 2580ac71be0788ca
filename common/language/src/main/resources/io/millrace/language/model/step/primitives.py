# What the hand-written step (fused_step.py) is made of: norms, gated units, rotations and linear layers, forward and
# backward. Compiled together with the products of a precision; the legend of weights.py holds here too, with I values
# that a layer reads and O those that it gives. What a forward function saves for its backward pass is a NamedTuple.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class SavedNorm(NamedTuple):
    normalised_TD: Tensor
    reciprocal_T1: Tensor  # of the root mean square
    result_TD: Tensor


class SavedUnit(NamedTuple):
    gate_up_T2F: Tensor
    silu_TF: Tensor  # of the gate
    result_TF: Tensor


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


def _linear_backward(dy_TO: Tensor, x_TI: Tensor, weight_OI: Tensor, gradient_OI: Tensor) -> Tensor:
    _add_weight_gradient(gradient_OI, dy_TO, x_TI)
    return _input_gradient(dy_TO, weight_OI)


def _swiglu_forward(gate_up_T2F: Tensor) -> SavedUnit:
    gate_TF, up_TF = torch.chunk(gate_up_T2F, 2, -1)
    s_TF = torch.silu(gate_TF)
    return SavedUnit(gate_up_T2F, s_TF, s_TF * up_TF)


def _swiglu_backward(da_TF: Tensor, saved: SavedUnit) -> Tensor:
    """Of gate and up, [T, 2F]; overwrites da."""
    gate_TF, up_TF = torch.chunk(saved.gate_up_T2F, 2, -1)
    d_T2F = torch.empty_like(saved.gate_up_T2F)
    dgate_TF, dup_TF = torch.chunk(d_T2F, 2, -1)
    torch.mul(da_TF, saved.silu_TF, out=dup_TF)
    torch.silu_backward(da_TF.mul_(up_TF), gate_TF, grad_input=dgate_TF)
    return d_T2F


def _rotate_(x_THW: Tensor, rotations_TR: Tensor, first: int) -> Tensor:
    """RoPE in place on the values of every head from `first` on."""
    rest = torch.size(x_THW, 2) - first
    part = torch.narrow(x_THW, 2, first, rest)
    pairs = torch.view_as_complex(torch.unflatten(part, 2, [rest // 2, 2]))
    pairs.mul_(torch.unsqueeze(rotations_TR, 1))
    return x_THW


def _concatenated(parts: List[Tensor], axis: int) -> Tensor:
    whole = parts[0]
    if len(parts) > 1:
        whole = torch.cat(parts, axis)
    return whole
