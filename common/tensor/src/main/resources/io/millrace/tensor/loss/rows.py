# A loss of rows of logits, and its gradient with respect to them. Which loss is a matter of the file that
# defines loss_and_slope: differentiated.py does so for those that define loss_objective. It gets all rows that it is a
# loss of.
#
# Shape suffixes: R rows, C classes.
from typing import List, NamedTuple, Tuple
import torch
from torch import Tensor


class Rows(NamedTuple):
    truth_RC: Tensor  # 1 at the label
    weights_R: Tensor  # 0: the row is ignored


def chosen_RC(classes_R: Tensor, like_RC: Tensor) -> Tensor:
    """1 at the class of each row, nowhere if it is negative; a class is a line of memory."""
    known_C = torch.arange(torch.size(like_RC, 1), device=like_RC.device)
    return torch.t((torch.unsqueeze(known_C, 1) == classes_R).to(like_RC.dtype))


def highest_RC(logits_RC: Tensor) -> Tensor:
    """1 at the highest logit of each row, the first of them where there are several."""
    return chosen_RC(torch.argmax(logits_RC, 1), logits_RC)


def loss_slope(
    logits_RC: Tensor, labels_R: Tensor, weights_R: Tensor, setting: LossSetting, seed: Tensor
) -> Tuple[Tensor, Tensor]:
    """The loss, [1], and its gradient with respect to the logits, [R, C]. For a call that records."""
    rows = Rows(chosen_RC(labels_R, logits_RC), weights_R.to(logits_RC.dtype))
    loss, slope_RC = loss_and_slope(torch.detach(logits_RC), rows, setting, seed)
    return torch.reshape(torch.detach(loss), [1]), slope_RC
