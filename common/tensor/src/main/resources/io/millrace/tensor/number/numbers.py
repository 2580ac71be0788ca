# Casts between number formats and tensors as raw bytes (little endian, as the machine stores them).
# Shape legend: N values, B bytes.
# view_copy instead of view, whose variant for types cannot be reached from TorchScript.
from typing import List
import torch
from torch import Tensor


def scalar_type(x: Tensor) -> Tensor:
    return torch.full([1], x.dtype, dtype=torch.int64)


def cast(x: Tensor, dtype: int) -> Tensor:
    """Always a copy; floats are rounded to nearest, ties to even."""
    return torch.to(x, dtype, False, True)


def empty(like: Tensor, shape: List[int], dtype: int) -> Tensor:
    return torch.empty(shape, dtype=dtype, device=like.device)


def flatten(x: Tensor) -> Tensor:
    return torch.reshape(x, [-1])


def slice(x_N: Tensor, first: int, count: int) -> Tensor:
    return torch.narrow(x_N, 0, first, count)


def bytes_of(x_N: Tensor) -> Tensor:
    return torch.view_copy(torch.contiguous(x_N), dtype=torch.uint8)


def put_bytes(target: Tensor, first: int, chunk_B: Tensor) -> Tensor:
    """Overwrites values of the contiguous target from number `first` on."""
    target_N = torch.view(target, [-1])
    chunk_N = torch.view_copy(chunk_B, dtype=target.dtype)
    return torch.copy_(torch.narrow(target_N, 0, first, torch.numel(chunk_N)), chunk_N)


def finite_count(x: Tensor) -> Tensor:
    # float64 because not every format has its own kernel.
    return torch.reshape(torch.sum(torch.isfinite(torch.to(x, torch.float64))), [1])
