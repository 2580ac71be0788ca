# Cross entropy: the mean of -log softmax(x) at the label, weighted.
import torch
from torch import Tensor
from typing import Tuple


def loss_objective(logits_RC: Tensor, rows: Rows, setting: LossSetting, seed: Tensor) -> Tuple[Tensor, Tensor]:
    found_R = torch.sum(torch.log_softmax(logits_RC, 1) * rows.truth_RC, [1])
    loss = -torch.sum(found_R * rows.weights_R) / setting.total
    return loss, loss
