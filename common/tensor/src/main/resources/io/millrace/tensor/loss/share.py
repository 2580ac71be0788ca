# A share of what is counted.
import torch
from torch import Tensor


def share_of_overlap(part: Tensor, whole: Tensor) -> Tensor:
    """0 where nothing is decided as a class and nothing is of it."""
    return part / torch.clamp(whole, 1e-12)
