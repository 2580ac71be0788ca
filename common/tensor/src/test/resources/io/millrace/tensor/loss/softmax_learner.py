# A classifier of one layer.
#
# Shape suffixes: R rows, D inputs, C classes.
from typing import List
import torch
from torch import Tensor


def logits(x_RD: Tensor, weight_CD: Tensor) -> Tensor:
    return torch.mm(x_RD, torch.t(weight_CD))


def add_gradients(gradients: List[Tensor], x_RD: Tensor, slope_RC: Tensor) -> Tensor:
    return torch.add_(gradients[0], torch.mm(torch.t(slope_RC), x_RD))
