# What PrecisionTest calls of fp8.py, whose helpers no caller outside of kernels sees.
import torch
from torch import Tensor


def along_features(x_TI: Tensor) -> Tensor:
    return _along_features(x_TI)


def along_tokens(x_TI: Tensor) -> Tensor:
    return _along_tokens(x_TI)


def blocks(w_OI: Tensor) -> Tensor:
    return _blocks(w_OI)
