# One minus the mean average precision, with a sigmoid in place of the comparison of two scores (Brown et al. 2020,
# "Smooth-AP", arXiv 2007.12163, equation 5).
#
# Shape suffixes: P rows of a class.
import torch
from torch import Tensor
from typing import Tuple


def average_precision(scores_R: Tensor, truth_R: Tensor, weights_R: Tensor, temperature: float) -> Tensor:
    """Of one class; rows are counted by their weights."""
    own_P = torch.squeeze(torch.nonzero(truth_R * weights_R), 1)
    scores_P1 = torch.unsqueeze(torch.index_select(scores_R, 0, own_P), 1)
    above_PR = torch.sigmoid(temperature * (torch.unsqueeze(scores_R, 0) - scores_P1))
    weights_P = torch.index_select(weights_R, 0, own_P)
    # A row is not above itself, for which the sigmoid gave a half, but at its rank.
    self_P = 0.5 * weights_P
    rank_P = torch.mv(above_PR, weights_R) + self_P
    rank_of_own_P = torch.mv(above_PR, weights_R * truth_R) + self_P
    return torch.sum(weights_P * rank_of_own_P / rank_P) / torch.sum(weights_P)


def loss_objective(logits_RC: Tensor, rows: Rows, setting: LossSetting, seed: Tensor) -> Tuple[Tensor, Tensor]:
    """The mean is over the classes that rows are of. Memory grows with the square of the rows."""
    scores_RC = torch.log_softmax(logits_RC, 1)
    known_C = torch.mv(torch.t(rows.truth_RC), rows.weights_R) > 0.0
    reached = torch.zeros([], dtype=logits_RC.dtype, device=logits_RC.device)
    classes = torch.squeeze(torch.nonzero(known_C), 1)
    for place in range(torch.size(classes, 0)):
        at = int(torch.select(classes, 0, place))
        reached = reached + average_precision(
            torch.select(scores_RC, 1, at), torch.select(rows.truth_RC, 1, at), rows.weights_R, setting.temperature)
    loss = 1.0 - reached / max(torch.size(classes, 0), 1)
    return loss, loss
