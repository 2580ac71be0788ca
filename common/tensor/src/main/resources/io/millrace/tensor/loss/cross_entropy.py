# Cross entropy: the mean of -log softmax(x) at the label, weighted. Its gradient is written by hand, because for a small
# network autograd takes longer than all that it differentiates.
import torch
from torch import Tensor
from typing import Tuple


def loss_and_slope(logits_RC: Tensor, rows: Rows, setting: LossSetting, seed: Tensor) -> Tuple[Tensor, Tensor]:
    logs_RC = torch.log_softmax(logits_RC, 1)
    shares_R1 = torch.unsqueeze(rows.weights_R, 1) / setting.total
    loss = -torch.sum(logs_RC * rows.truth_RC * shares_R1)
    return loss, (torch.exp(logs_RC) - rows.truth_RC) * shares_R1
