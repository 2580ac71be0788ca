# AdamW with global-norm clipping, in one call.
# Lists hold either the flat buffers of the parameter groups or their named views; the first `decayed`
# entries are decayed, the others are not.
from typing import List
import torch
from torch import Tensor


def _adamw_group(
    weights: List[Tensor],
    gradients: List[Tensor],
    means: List[Tensor],
    squares: List[Tensor],
    step: int,
    clip: Tensor,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    weight_decay: float,
) -> int:
    count = len(weights)
    if count > 0:
        unused: List[Tensor] = []
        steps: List[Tensor] = []
        step_count = torch.full([], step, dtype=6, device=weights[0].device)
        for _i in range(count):
            steps.append(step_count)
        torch._fused_adamw_(
            weights, gradients, means, squares, unused, steps,
            lr=learning_rate, beta1=beta1, beta2=beta2, weight_decay=weight_decay, eps=epsilon,
            amsgrad=False, maximize=False, grad_scale=clip, found_inf=None)
    return count


def adamw_step(
    weights: List[Tensor],
    gradients: List[Tensor],
    means: List[Tensor],
    squares: List[Tensor],
    decayed: int,
    step: int,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    weight_decay: float,
    max_norm: float,
) -> Tensor:
    """Returns the global norm of the gradients; if it is not finite nothing else was done."""
    # The fused kernel reads memory in order, whatever the strides; torch.grad may return transposed views.
    dense: List[Tensor] = []
    for gradient in gradients:
        dense.append(torch.contiguous(gradient))
    norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(dense, 2)))
    norm_value = float(norm)
    # NaN and infinity are the only numbers whose difference with themselves is not 0.
    if norm_value - norm_value == 0.0:
        # The fused kernel divides gradients by the scale while it reads them.
        clip = torch.clamp(norm / max_norm, 1.0)
        _adamw_group(
            weights[:decayed], dense[:decayed], means[:decayed], squares[:decayed],
            step, clip, learning_rate, beta1, beta2, epsilon, weight_decay)
        _adamw_group(
            weights[decayed:], dense[decayed:], means[decayed:], squares[decayed:],
            step, clip, learning_rate, beta1, beta2, epsilon, 0.0)
    return norm
