# Decisions that are drawn by their probabilities, smoothed (Jang, Gu and Poole 2016, arXiv 1611.01144; their
# temperature is the inverse of ours).
import torch
from torch import Tensor


def decisions(logits_RC: Tensor, setting: LossSetting, seed: Tensor) -> Tensor:
    return smooth_one_hot(logits_RC + gumbel_noise(logits_RC, seed, 0), setting.temperature)
