# One class against all others.
import torch
from torch import Tensor


def class_average(both_C: Tensor, decided_C: Tensor, true_C: Tensor, setting: LossSetting) -> Tensor:
    at = setting.positive
    return class_ratio(torch.select(both_C, 0, at), torch.select(decided_C, 0, at), torch.select(true_C, 0, at), setting)
