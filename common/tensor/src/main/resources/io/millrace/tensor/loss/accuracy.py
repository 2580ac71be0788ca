# Share of the weight that is decided as labelled; of soft decisions, the mean probability of the label.
import torch
from torch import Tensor


def metric(decisions_RC: Tensor, rows: Rows, setting: LossSetting) -> Tensor:
    right_R = torch.sum(decisions_RC * rows.truth_RC, [1])
    return torch.sum(right_R * rows.weights_R) / torch.sum(rows.weights_R)
