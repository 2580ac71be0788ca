# Gumbel noise: the highest of logits with it is a class drawn by softmax of the logits.
import torch
from torch import Tensor


def gumbel_noise(logits_RC: Tensor, seed: Tensor, stream: int) -> Tensor:
    # In float64, in which neither end of the unit interval is reached.
    drawn = hashes(seed, stream, torch.numel(logits_RC)).to(torch.float64)
    uniform_RC = torch.reshape((drawn + 0.5) / 4294967296.0, torch.size(logits_RC))
    return -torch.log(-torch.log(uniform_RC)).to(logits_RC.dtype)


def drawn_RC(logits_RC: Tensor, seed: Tensor, stream: int) -> Tensor:
    """1 at a class of each row that is drawn by its probability; other streams give other draws."""
    return highest_RC(logits_RC + gumbel_noise(logits_RC, seed, stream))
