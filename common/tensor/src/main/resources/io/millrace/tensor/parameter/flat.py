# Named tensors as views of one flat buffer.
# Shape legend: N values of the flat buffer, C values of a chunk.
from typing import List
import torch
from torch import Tensor


def flat_zeros(like: Tensor, count: int, dtype: int) -> Tensor:
    return torch.zeros([count], dtype=dtype, device=like.device)


def flat_views(flat_N: Tensor, offsets: List[int], ranks: List[int], sizes: List[int]) -> List[Tensor]:
    """View i starts at offsets[i]; the sizes of all views follow one another in `sizes`."""
    views: List[Tensor] = []
    first = 0
    for i in range(len(offsets)):
        shape: List[int] = []
        count = 1
        for axis in range(ranks[i]):
            size = sizes[first + axis]
            shape.append(size)
            count = count * size
        first = first + ranks[i]
        views.append(torch.view(torch.narrow(flat_N, 0, offsets[i], count), shape))
    return views


def copy_chunk(target: Tensor, offset: int, chunk_C: Tensor) -> Tensor:
    """Writes the chunk into the contiguous target, `offset` values after its first."""
    flat_N = torch.view(target, [-1])
    return torch.copy_(torch.narrow(flat_N, 0, offset, torch.numel(chunk_C)), torch.reshape(chunk_C, [-1]))


def copy_all(targets: List[Tensor], values: List[Tensor]) -> List[Tensor]:
    """Casts to the targets' type; shapes must be equal."""
    for target, value in zip(targets, values):
        torch.copy_(target, value)
    return targets


def zero_all(targets: List[Tensor]) -> List[Tensor]:
    torch._foreach_zero_(targets)
    return targets
