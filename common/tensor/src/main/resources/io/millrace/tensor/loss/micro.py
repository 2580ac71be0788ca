# All classes counted together.
import torch
from torch import Tensor


def class_average(both_C: Tensor, decided_C: Tensor, true_C: Tensor, setting: LossSetting) -> Tensor:
    return class_ratio(torch.sum(both_C), torch.sum(decided_C), torch.sum(true_C), setting)
