# AdamW with global-norm clipping, in one call.
# Lists hold one flat buffer a parameter group: first the decayed one if there is one, then the other.
from typing import List, Optional
import torch
from torch import Tensor


def global_norm(buffers: List[Tensor]) -> Tensor:
    """float64. By blocks, because one long float32 sum is wrong by up to a hundredth at 16 million
    values; each block is summed by one thread, so that the number of threads changes nothing. A short
    buffer is one block: of a small model, each operation takes longer than what it computes."""
    block = 1024
    norms: List[Tensor] = []
    for buffer_N in buffers:
        count = torch.numel(buffer_N)
        whole = (count // block) * block if count > 8 * block else 0
        if whole > 0:
            blocks_BK = torch.view(torch.narrow(buffer_N, 0, 0, whole), [-1, block])
            norms.append(torch.linalg_vector_norm(blocks_BK, 2, [1]))
        if whole < count:
            rest = buffer_N if whole == 0 else torch.narrow(buffer_N, 0, whole, count - whole)
            norms.append(torch.linalg_vector_norm(rest, 2, [0], True))
    return torch.linalg_vector_norm(torch.to(torch.cat(norms), torch.float64))


def _adamw_group(
    weight: List[Tensor],
    gradient: List[Tensor],
    mean: List[Tensor],
    square: List[Tensor],
    steps: List[Tensor],
    clip: Optional[Tensor],
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    weight_decay: float,
) -> int:
    unused: List[Tensor] = []
    # Reads memory in order, whatever the strides, and divides the gradient by the scale, if any, in place.
    torch._fused_adamw_(
        weight, gradient, mean, square, unused, steps,
        lr=learning_rate, beta1=beta1, beta2=beta2, weight_decay=weight_decay, eps=epsilon,
        amsgrad=False, maximize=False, grad_scale=clip, found_inf=None)
    return len(weight)


def _copy_(to: List[Tensor], of: List[Tensor]) -> int:
    torch._foreach_copy_(to, of)
    return len(to)


def _adamw_rounded(
    weight: List[Tensor],
    gradient: List[Tensor],
    means: List[Tensor],
    squares: List[Tensor],
    steps: List[Tensor],
    clip: Optional[Tensor],
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    weight_decay: float,
) -> int:
    """The same with moments of another type than the weights', by pieces of a float32 copy of them. All of
    it is done value by value, so that pieces change nothing."""
    count = torch.numel(weight[0])
    piece = min(count, 16777216 if weight[0].is_cuda else 1048576)
    mean = torch.empty([piece], dtype=torch.float32, device=weight[0].device)
    square = torch.empty_like(mean)
    for first in range(0, count, piece):
        size = min(piece, count - first)
        rounded = [torch.narrow(means[0], 0, first, size), torch.narrow(squares[0], 0, first, size)]
        exact = [torch.narrow(mean, 0, 0, size), torch.narrow(square, 0, 0, size)]
        _copy_(exact, rounded)
        _adamw_group(
            [torch.narrow(weight[0], 0, first, size)], [torch.narrow(gradient[0], 0, first, size)], exact[0:1],
            exact[1:2], steps, clip, learning_rate, beta1, beta2, epsilon, weight_decay)
        _copy_(rounded, exact)
    return count


def adamw_step(
    weights: List[Tensor],
    gradients: List[Tensor],
    means: List[Tensor],
    squares: List[Tensor],
    weight_decays: List[float],
    step: int,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    max_norm: float,
) -> Tensor:
    """Returns the global norm of the gradients; if it is not finite nothing else was done."""
    norm = global_norm(gradients)
    value = float(norm)
    # NaN and infinity are the only numbers whose difference with themselves is not 0.
    if value - value == 0.0:
        clip: Optional[Tensor] = None
        if value > max_norm:
            # Writes gradients, which those of an allowed norm are spared.
            clip = torch.to(norm / max_norm, torch.float32)
        steps = [torch.full([], step, dtype=torch.float32, device=norm.device)]
        for i in range(len(weights)):
            # Slices, because libtorch takes a call that only writes to a list made here for dead code.
            if means[i].dtype == weights[i].dtype:
                _adamw_group(
                    weights[i:i + 1], gradients[i:i + 1], means[i:i + 1], squares[i:i + 1], steps, clip,
                    learning_rate, beta1, beta2, epsilon, weight_decays[i])
            else:
                _adamw_rounded(
                    weights[i:i + 1], gradients[i:i + 1], means[i:i + 1], squares[i:i + 1], steps, clip,
                    learning_rate, beta1, beta2, epsilon, weight_decays[i])
    return norm
