# Linear regression, the smallest task there is: y = x w + b, and a count of the examples seen.
# Shape legend: N examples, D inputs.
from typing import List
import torch
from torch import Tensor


def add_gradients(
    gradients: List[Tensor], weight_D: Tensor, bias: Tensor, x_ND: Tensor, y_N: Tensor, examples: float
) -> Tensor:
    """Adds the gradients of the squared errors, a mean over `examples`; their share of the loss, [1]."""
    error_N = torch.mv(x_ND, weight_D) + bias - y_N
    scale = 2.0 / examples
    torch.add_(gradients[0], torch.mv(torch.t(x_ND), error_N), alpha=scale)
    torch.add_(gradients[1], torch.sum(error_N), alpha=scale)
    return torch.reshape(torch.sum(torch.square(error_N)) / examples, [1])


def see(seen: Tensor, examples: float) -> Tensor:
    return torch.add_(seen, examples)
