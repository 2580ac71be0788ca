# Metrics of what is decided as a class against what is of the class: rows are counted by their weights.
import torch
from torch import Tensor


def metric(decisions_RC: Tensor, rows: Rows, setting: LossSetting) -> Tensor:
    weights_R1 = torch.unsqueeze(rows.weights_R, 1)
    both_C = torch.sum(weights_R1 * decisions_RC * rows.truth_RC, [0])
    decided_C = torch.sum(weights_R1 * class_amount(decisions_RC), [0])
    true_C = torch.sum(weights_R1 * rows.truth_RC, [0])
    return class_average(both_C, decided_C, true_C, setting)
