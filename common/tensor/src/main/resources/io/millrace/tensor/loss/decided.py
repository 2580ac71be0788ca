# One minus a metric of decisions that have a gradient.
import torch
from torch import Tensor
from typing import Tuple


def loss_objective(logits_RC: Tensor, rows: Rows, setting: LossSetting, seed: Tensor) -> Tuple[Tensor, Tensor]:
    loss = 1.0 - metric(decisions(logits_RC, setting, seed), rows, setting)
    return loss, loss
