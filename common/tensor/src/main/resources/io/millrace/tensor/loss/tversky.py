# Right ones over themselves, alpha times the wrongly found and beta times the missed (Salehi et al. 2017, arXiv
# 1706.05721, equation 3). Both halves: F1. Both 1: Jaccard.
import torch
from torch import Tensor


def class_amount(decisions_RC: Tensor) -> Tensor:
    return decisions_RC


def class_ratio(both: Tensor, decided: Tensor, true: Tensor, setting: LossSetting) -> Tensor:
    wrong = setting.alpha * (decided - both)
    missed = setting.beta * (true - both)
    return share_of_overlap(both, both + wrong + missed)
