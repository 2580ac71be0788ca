# What the hand-written step (fused_step.py) is made of: gated units and linear layers, forward and backward. Compiled
# together with the products of a precision; the legend of weights.py holds here too, with I values that a layer reads
# and O those that it gives. What a forward function saves for its backward pass is a NamedTuple.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class SavedUnit(NamedTuple):
    gate_up_T2F: Tensor
    silu_TF: Tensor  # of the gate
    result_TF: Tensor


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


def _concatenated(parts: List[Tensor], axis: int) -> Tensor:
    whole = parts[0]
    if len(parts) > 1:
        whole = torch.cat(parts, axis)
    return whole
