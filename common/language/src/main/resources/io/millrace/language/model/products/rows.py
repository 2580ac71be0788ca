# Rows that are sorted by expert, for the products of experts.
import torch
from torch import Tensor
from typing import List, NamedTuple


class RowsByExpert(NamedTuple):
    ends_E: Tensor  # of each expert's rows
    sizes: List[int]  # of them; empty where products read them from the device
