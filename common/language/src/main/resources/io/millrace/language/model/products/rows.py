# Rows that are sorted by expert, for the products of experts.
import torch
from torch import Tensor
from typing import List, NamedTuple


class RowsByExpert(NamedTuple):
    ends_E: Tensor  # of each expert's rows, without those that are filled in
    sizes: List[int]  # of each expert's rows; empty where products read them from the device
    filled: bool  # whether some rows are of no choice
