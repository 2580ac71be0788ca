# The gradient of a loss by autograd.
import torch
from torch import Tensor
from typing import Tuple


def loss_and_slope(logits_RC: Tensor, rows: Rows, setting: LossSetting, seed: Tensor) -> Tuple[Tensor, Tensor]:
    leaf_RC = torch.requires_grad_(logits_RC)
    loss, learned = loss_objective(leaf_RC, rows, setting, seed)
    slope_RC = torch.zeros_like(logits_RC)
    for found in torch.grad([learned], [leaf_RC]):
        if found is not None:
            slope_RC = found
    return loss, slope_RC
