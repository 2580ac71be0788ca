# Numbers on which the device's own AdamW (adamw.cu) is compared with libtorch's (adamw.py).
from typing import List, Tuple
import torch
from torch import Tensor


def _wave(like: Tensor, count: int, frequency: float) -> Tensor:
    return torch.sin(torch.arange(count, dtype=torch.float32, device=like.device) * frequency)


def trial_buffers(like: Tensor) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    """Weights, gradients that are clipped, and moments of nothing."""
    count = 1040
    moments = torch.zeros([count], dtype=torch.bfloat16, device=like.device)
    return _wave(like, count, 0.7), _wave(like, count, 1.3), moments, torch.zeros_like(moments)


def trial_gradients_(gradients: Tensor, step: int) -> Tensor:
    """Others, which the norm allows."""
    return gradients.copy_(_wave(gradients, torch.numel(gradients), 0.3 + 0.1 * float(step)) * 0.01)


def _most(expected: List[Tensor], found: List[Tensor], allowed: float) -> Tensor:
    """The largest distance, by what is allowed of the largest value."""
    of = expected[0].to(torch.float32)
    return torch.max(torch.abs(of - found[0].to(torch.float32))) / (torch.max(torch.abs(of)) * allowed)


def trial_distance(
    expected_weights: List[Tensor], expected_means: List[Tensor], expected_squares: List[Tensor],
    weights: List[Tensor], means: List[Tensor], squares: List[Tensor]
) -> Tensor:
    """More than 1: they are not the same. A moment between two numbers of bfloat16 may go to either."""
    return torch.max(torch.stack([
        _most(expected_weights, weights, 1e-4), _most(expected_means, means, 0.01),
        _most(expected_squares, squares, 0.01)]))
