# Cross entropy in which rows that are told well count less (Lin et al. 2017, arXiv 1708.02002, equation 4), gamma 2.
import torch
from torch import Tensor
from typing import Tuple


def loss_objective(logits_RC: Tensor, rows: Rows, setting: LossSetting, seed: Tensor) -> Tuple[Tensor, Tensor]:
    log_R = torch.sum(torch.log_softmax(logits_RC, 1) * rows.truth_RC, [1])
    each_R = -torch.square(1.0 - torch.exp(log_R)) * log_R
    loss = torch.sum(each_R * rows.weights_R) / setting.total
    return loss, loss
