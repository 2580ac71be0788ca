# FP8 as DeepSeek-V3 has it (arXiv 2412.19437, section 3.3): E4M3 with one scale, largest value / 448, for 128 values in
# the direction in which the product sums up, or for 128 x 128 weights; the last ones of a dimension may be fewer.
import torch
from torch import Tensor
from typing import List, Tuple


def _scaled(tiles: Tensor, axes: List[int]) -> Tuple[Tensor, Tensor]:
    """Values in E4M3 and the scales to multiply them with, one along the axes."""
    scale = torch.amax(torch.abs(tiles), axes, True) / 448.0
    # Of zeros, and of values too small to have a scale.
    scale = torch.masked_fill(scale, scale == 0.0, 1.0)
    # The quotient may be rounded up beyond the largest number, and E4M3 has no infinity.
    return torch.clamp(tiles / scale, -448.0, 448.0).to(torch.float8_e4m3fn), scale
