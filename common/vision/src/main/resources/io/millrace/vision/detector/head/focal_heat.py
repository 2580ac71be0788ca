# The loss of CenterNet's heat maps as it was published.
#
# Shape suffixes: X cells of the heat maps of all pictures and classes, P those that are centres.
import torch
from torch import Tensor
from typing import List, Optional


def heat_part(
    logits: Tensor, target: Tensor, counted: Optional[Tensor], centres: float, sums: List[float]
) -> Tensor:
    """A batch's share. Nothing has to be measured before."""
    # Up to here, trainings of the first release resume bit for bit.
    if torch.size(logits, 1) <= 16:
        return heat_loss(logits, target, counted, centres)
    return heat_loss_of_many(logits, target, counted, centres)


def heat_loss(logits: Tensor, target: Tensor, counted: Optional[Tensor], centres: float) -> Tensor:
    """Penalty-reduced focal loss (CenterNet, equation 1), a centre's share of the sum.

    Log-sigmoids take the place of the published clamp of scores to [1e-4, 1 - 1e-4].
    """
    score = torch.sigmoid(logits)
    log_score = torch.log_sigmoid(logits)
    log_other = torch.log_sigmoid(-logits)
    centre = (target == 1.0).to(logits.dtype)
    positive = torch.square(1.0 - score) * log_score * centre
    negative = torch.square(score) * log_other * torch.pow(1.0 - target, 4)
    if counted is not None:
        negative = negative * counted
    # A tensor, because a GPU multiplies by the inverse of a number.
    share = torch.full([], max(centres, 1.0), dtype=logits.dtype, device=logits.device)
    return -torch.sum(positive + negative) / share


def _in_cell_order(map_NChw: Tensor) -> Tensor:
    """Cell by cell, as convolutions give them: a view of those."""
    return torch.flatten(torch.permute(map_NChw, [0, 2, 3, 1]))


def heat_loss_of_many(logits: Tensor, target: Tensor, counted: Optional[Tensor], centres: float) -> Tensor:
    """The same for so many classes that what autograd keeps of the maps would take longer than the network."""
    x_X = _in_cell_order(logits)
    known_X = x_X.detach()
    target_X = _in_cell_order(target)
    centre_P = torch.squeeze(torch.nonzero(target_X == 1.0), 1)
    weight_X = torch.square(1.0 - target_X).square_()
    if counted is not None:
        weight_X = weight_X.mul_(_in_cell_order(counted))
    slope_X = torch.empty_like(known_X)
    total = no_object_loss(known_X, weight_X, slope_X)
    at_centre_P = -torch.index_select(known_X, 0, centre_P)
    centre_slope_P = torch.empty_like(at_centre_P)
    total = total + no_object_loss(at_centre_P, None, centre_slope_P)
    # At centres, the weight is 0.
    slope_X = slope_X.index_copy_(0, centre_P, -centre_slope_P)
    share = torch.full([], max(centres, 1.0), dtype=logits.dtype, device=logits.device)
    return with_slope(total, x_X, slope_X) / share
