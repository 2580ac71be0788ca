# Rotary positions of the hand-written step (fused_step.py) in the number format of the weights. The legend of
# weights.py holds here too.
import torch
from torch import Tensor


def _rotate_(x_THW: Tensor, rotations_TR: Tensor, first: int) -> Tensor:
    """RoPE in place on the values of every head from `first` on."""
    rest = torch.size(x_THW, 2) - first
    part = torch.narrow(x_THW, 2, first, rest)
    pairs = torch.view_as_complex(torch.unflatten(part, 2, [rest // 2, 2]))
    pairs.mul_(torch.unsqueeze(rotations_TR, 1))
    return x_THW
