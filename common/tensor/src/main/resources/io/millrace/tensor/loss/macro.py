# The mean of the classes that rows are of.
import torch
from torch import Tensor


def class_average(both_C: Tensor, decided_C: Tensor, true_C: Tensor, setting: LossSetting) -> Tensor:
    known_C = (true_C > 0.0).to(true_C.dtype)
    return torch.sum(class_ratio(both_C, decided_C, true_C, setting) * known_C) / torch.clamp(torch.sum(known_C), 1.0)
