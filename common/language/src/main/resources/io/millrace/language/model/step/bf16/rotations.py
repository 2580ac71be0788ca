# Rotary positions of the hand-written step (fused_step.py) on bfloat16 tensors, which have no complex numbers: turned in
# float32. The legend of weights.py holds here too.
import torch
from torch import Tensor


def _rotate_(x_THW: Tensor, rotations_TR: Tensor, first: int) -> Tensor:
    """RoPE in place on the values of every head from `first` on."""
    rest = torch.size(x_THW, 2) - first
    part = torch.narrow(x_THW, 2, first, rest)
    exact = torch.to(part, torch.float32, False, True, memory_format=torch.contiguous_format)
    pairs = torch.view_as_complex(torch.unflatten(exact, 2, [rest // 2, 2]))
    pairs.mul_(torch.unsqueeze(rotations_TR, 1))
    part.copy_(exact)
    return x_THW
