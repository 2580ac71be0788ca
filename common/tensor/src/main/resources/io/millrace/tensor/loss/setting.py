# What is said of a loss beside which one it is.
from typing import NamedTuple


class LossSetting(NamedTuple):
    temperature: float  # factor of the logits
    total: float  # sum of the weights of all rows of the step
    samples: int
    positive: int  # the class that a binary metric is of
    alpha: float
    beta: float
