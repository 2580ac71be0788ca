# The perceptron: units with a threshold that learn from their mistakes, row by row.
#
# Shape suffixes: R rows, D inputs, U units.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional


class Units(NamedTuple):
    weight_UD: Tensor
    bias_U: Optional[Tensor]


def _scores(units: Units, x_RD: Tensor) -> Tensor:
    return torch.linear(x_RD, units.weight_UD, units.bias_U)


def _move(units: Units, unit: int, x_1D: Tensor, by: float) -> Tensor:
    """Adds so much of a row to a unit, whose bias has an input of 1."""
    bias_U = units.bias_U
    if bias_U is not None:
        torch.add_(torch.select(bias_U, 0, unit), by)
    return torch.add_(torch.narrow(units.weight_UD, 0, unit, 1), x_1D, alpha=by)


def learn_threshold(units: Units, x_RD: Tensor, labels_R: Tensor, rate: float) -> Tensor:
    """One unit, which is to fire for the class 1: the number of mistakes, [1]."""
    mistakes = 0
    for row in range(torch.size(x_RD, 0)):
        label = int(torch.select(labels_R, 0, row))
        x_1D = torch.narrow(x_RD, 0, row, 1)
        fires = int(activate(_scores(units, x_1D), None))
        if label >= 0 and label != fires:
            mistakes = mistakes + 1
            _move(units, 0, x_1D, rate * float(label - fires))
    return torch.full([1], mistakes, dtype=torch.int64)


def learn_highest(units: Units, x_RD: Tensor, labels_R: Tensor, rate: float) -> Tensor:
    """A unit a class, of which the first of the highest wins: the number of mistakes, [1]."""
    mistakes = 0
    for row in range(torch.size(x_RD, 0)):
        label = int(torch.select(labels_R, 0, row))
        x_1D = torch.narrow(x_RD, 0, row, 1)
        wins = int(torch.argmax(_scores(units, x_1D)))
        if label >= 0 and label != wins:
            mistakes = mistakes + 1
            _move(units, label, x_1D, rate)
            _move(units, wins, x_1D, -rate)
    return torch.full([1], mistakes, dtype=torch.int64)


def decide(units: Units, x_RD: Tensor) -> Tensor:
    """The class of each row: [R]."""
    scores_RU = _scores(units, x_RD)
    if torch.size(scores_RU, 1) == 1:
        return torch.squeeze(activate(scores_RU, None), 1).to(torch.int64)
    return torch.argmax(scores_RU, 1)


def as_linear(units: Units) -> List[Tensor]:
    """Weights and biases of a unit a class; of one unit, the class without one has zeros."""
    weight_UD = units.weight_UD
    given = units.bias_U
    bias_U = torch.zeros_like(torch.select(weight_UD, 1, 0))
    if given is not None:
        bias_U = given
    if torch.size(weight_UD, 0) == 1:
        return [torch.cat([torch.zeros_like(weight_UD), weight_UD]), torch.cat([torch.zeros_like(bias_U), bias_U])]
    return [torch.clone(weight_UD), torch.clone(bias_U)]
