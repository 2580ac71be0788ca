# Limits of the machine that benchmarks are compared with.
from torch import Tensor
from typing import List
import torch


def gemm(a: Tensor, b: Tensor, out: Tensor, times: int) -> Tensor:
    for _i in range(times):
        torch.mm(a, b, out=out)
    return out


def bf16_products(like: Tensor, size: int, times: int) -> Tensor:
    """A number that is known when all products are."""
    a = torch.randn([size, size], dtype=torch.bfloat16, device=like.device)
    b = torch.randn([size, size], dtype=torch.bfloat16, device=like.device)
    out = torch.empty_like(a)
    for _i in range(times):
        torch.mm(a, b, out=out)
    return torch.sum(out.to(torch.float32))
