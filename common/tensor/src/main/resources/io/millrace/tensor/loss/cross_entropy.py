# Cross entropy: the mean of -log softmax(x) at the label, weighted. Its gradient is written by hand, because for a small
# network autograd takes longer than all that it differentiates; and with a class a line of memory, because there are
# fewer classes than rows.
import torch
from torch import Tensor
from typing import Tuple


def loss_and_slope(logits_RC: Tensor, rows: Rows, setting: LossSetting, seed: Tensor) -> Tuple[Tensor, Tensor]:
    logs_CR = torch.log_softmax(torch.t(logits_RC), 0)
    shares_R = rows.weights_R / setting.total
    true_CR = torch.t(rows.truth_RC) * shares_R
    loss = -torch.sum(logs_CR * true_CR)
    return loss, torch.t(torch.exp(logs_CR) * shares_R - true_CR)
