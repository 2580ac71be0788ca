# Functions with a gradient in place of max, argmax and the one-hot vector of argmax. The temperature is the factor
# of what is compared: infinite, it gives those (Su 2019, "function smoothing", kexue.fm archive 6620).
import torch
from torch import Tensor


def smooth_max(x_RC: Tensor, temperature: float) -> Tensor:
    """At least the maximum, and at most log(C) / temperature above it: [R]."""
    return torch.logsumexp(x_RC * temperature, [1]) / temperature


def smooth_one_hot(x_RC: Tensor, temperature: float) -> Tensor:
    return torch.softmax(x_RC * temperature, 1)


def smooth_argmax(x_RC: Tensor, temperature: float) -> Tensor:
    """The mean place, weighted: [R]."""
    places_C = torch.arange(torch.size(x_RC, 1), device=x_RC.device).to(x_RC.dtype)
    return torch.mv(smooth_one_hot(x_RC, temperature), places_C)
