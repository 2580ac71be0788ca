# The true metric by REINFORCE (Williams 1992) with a self-critical baseline (Rennie et al. 2017, arXiv
# 1612.00563): what the highest classes reach is what drawn ones have to exceed.
import torch
from torch import Tensor
from typing import Tuple


def policy_objective(logits_RC: Tensor, drawn_RC: Tensor, advantage: Tensor, rows: Rows) -> Tensor:
    """Its gradient is that of -advantage * log of the probability of what was drawn for rows that count."""
    counts_R = (rows.weights_R > 0.0).to(logits_RC.dtype)
    log_R = torch.sum(torch.log_softmax(logits_RC, 1) * drawn_RC, [1])
    return -advantage * torch.sum(log_R * counts_R)


def loss_objective(logits_RC: Tensor, rows: Rows, setting: LossSetting, seed: Tensor) -> Tuple[Tensor, Tensor]:
    """One minus the metric that the draws reach on average."""
    fixed_RC = torch.detach(logits_RC)
    baseline = metric(highest_RC(fixed_RC), rows, setting)
    reached = torch.zeros_like(baseline)
    learned = torch.zeros_like(baseline)
    for sample in range(setting.samples):
        some_RC = drawn_RC(fixed_RC, seed, sample)
        reward = metric(some_RC, rows, setting)
        reached = reached + reward / setting.samples
        learned = learned + policy_objective(logits_RC, some_RC, reward - baseline, rows) / setting.samples
    return 1.0 - reached, learned
