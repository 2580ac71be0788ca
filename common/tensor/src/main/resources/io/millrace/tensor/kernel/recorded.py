# Whether a device records calls (RecordedCall.java).
import torch
from torch import Tensor


def double_(x: Tensor, y: Tensor) -> Tensor:
    return y.copy_(x * 2.0)
