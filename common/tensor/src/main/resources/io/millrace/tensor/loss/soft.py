# Decisions as probabilities at a temperature: from all classes alike for 0 to the highest for infinity.
import torch
from torch import Tensor


def decisions(logits_RC: Tensor, setting: LossSetting, seed: Tensor) -> Tensor:
    return smooth_one_hot(logits_RC, setting.temperature)
