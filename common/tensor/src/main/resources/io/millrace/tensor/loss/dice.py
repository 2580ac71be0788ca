# Dice with squares below (Milletari et al. 2016, arXiv 1606.04797, section 3); without, it were F1.
import torch
from torch import Tensor


def class_amount(decisions_RC: Tensor) -> Tensor:
    return torch.square(decisions_RC)


def class_ratio(both: Tensor, decided: Tensor, true: Tensor, setting: LossSetting) -> Tensor:
    return share_of_overlap(2.0 * both, decided + true)
