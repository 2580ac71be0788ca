# Limits of the machine that benchmarks are compared with.
from torch import Tensor
from typing import List
import torch


def gemm(a: Tensor, b: Tensor, out: Tensor, times: int) -> Tensor:
    for _i in range(times):
        torch.mm(a, b, out=out)
    return out
