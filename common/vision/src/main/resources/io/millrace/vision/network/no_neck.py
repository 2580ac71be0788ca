# Levels of a backbone as they are.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Neck(NamedTuple):
    chosen: List[int]  # places of levels among those of the backbone


def neck(levels: List[Tensor], neck: Neck, run: Run) -> List[Tensor]:
    chosen: List[Tensor] = []
    for place in neck.chosen:
        chosen.append(levels[place])
    return chosen
