# The highest class as it is, with the gradient of the probabilities (Bengio, Leonard and Courville 2013,
# arXiv 1308.3432, section 4).
import torch
from torch import Tensor


def decisions(logits_RC: Tensor, setting: LossSetting, seed: Tensor) -> Tensor:
    soft_RC = smooth_one_hot(logits_RC, setting.temperature)
    # The difference is 0 to the last bit.
    return highest_RC(logits_RC) + (soft_RC - torch.detach(soft_RC))
