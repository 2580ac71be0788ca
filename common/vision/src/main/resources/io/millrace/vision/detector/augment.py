# Changes of pictures in training.
import torch
from torch import Tensor


def augmented(x_NCHW: Tensor, affine_N23: Tensor, tones_N2: Tensor) -> Tensor:
    """Each picture through its own affine map (in coordinates of [-1, 1]), contrast and brightness."""
    grid = torch.affine_grid_generator(affine_N23, torch.size(x_NCHW), False)
    moved = torch.grid_sampler(x_NCHW, grid, 0, 0, False)
    gain = torch.reshape(torch.select(tones_N2, 1, 0), [-1, 1, 1, 1])
    bias = torch.reshape(torch.select(tones_N2, 1, 1), [-1, 1, 1, 1])
    return torch.contiguous(torch.clamp(moved * gain + bias, -1.0, 1.0), memory_format=torch.channels_last)
