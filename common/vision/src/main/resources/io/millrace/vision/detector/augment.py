# Changes of pictures in training.
import torch
from torch import Tensor


def _middles(size: int, like: Tensor) -> Tensor:
    """Middles of so many pixels between -1 and 1."""
    last = float(size - 1)
    return torch.linspace(-1.0, 1.0, size, dtype=like.dtype, device=like.device) * (last / float(size))


def _sources(affine_N23: Tensor, height: int, width: int) -> Tensor:
    """Where the pixels of each picture come from: [N, height, width, 2]. What affine_grid_generator gives by a product of
    matrices, which is slow for three columns."""
    across_N2, down_N2, shift_N2, = torch.unbind(affine_N23, 2)
    x_N2W = torch.unsqueeze(across_N2, 2) * _middles(width, affine_N23)
    y_N2H = torch.unsqueeze(down_N2, 2) * _middles(height, affine_N23) + torch.unsqueeze(shift_N2, 2)
    return torch.permute(torch.unsqueeze(x_N2W, 2) + torch.unsqueeze(y_N2H, 3), [0, 2, 3, 1])


def augmented(x_NCHW: Tensor, affine_N23: Tensor, tones_N2: Tensor) -> Tensor:
    """Each picture through its own affine map (in coordinates of [-1, 1]), contrast and brightness."""
    grid = _sources(affine_N23, torch.size(x_NCHW, 2), torch.size(x_NCHW, 3))
    moved = torch.grid_sampler(x_NCHW, grid, 0, 0, False)
    gain = torch.reshape(torch.select(tones_N2, 1, 0), [-1, 1, 1, 1])
    bias = torch.reshape(torch.select(tones_N2, 1, 1), [-1, 1, 1, 1])
    toned = torch.addcmul(bias, moved, gain).clamp_(-1.0, 1.0)
    return torch.contiguous(toned, memory_format=torch.channels_last)
