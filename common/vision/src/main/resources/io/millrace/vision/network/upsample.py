# Enlarges pictures before a network: by interpolation, or by a small network of sub-pixels besides (Shi et al. 2016,
# "ESPCN", arXiv 1609.05158), which learns from pictures made small what they were.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Upsampler(NamedTuple):
    by: int  # 1: pictures stay as they are
    cubic: bool  # bicubic rather than bilinear
    convs: List[Conv]  # of the small picture; the last gives every sub-pixel what interpolation lacks; or none
    weight: float  # of the loss of the restored pictures


def _interpolated(x_N3HW: Tensor, up: Upsampler) -> Tensor:
    size = [torch.size(x_N3HW, 2) * up.by, torch.size(x_N3HW, 3) * up.by]
    if up.cubic:
        return torch.upsample_bicubic2d(x_N3HW, size, False)
    return torch.upsample_bilinear2d(x_N3HW, size, False)


def enlarged(x_N3HW: Tensor, up: Upsampler, run: Run) -> Tensor:
    """Pictures of so many times as many rows and columns."""
    if up.by == 1:
        return x_N3HW
    y = _interpolated(x_N3HW, up)
    if len(up.convs) > 0:
        z = x_N3HW
        for i in range(len(up.convs) - 1):
            z = torch.relu(plain_conv(z, up.convs[i], run))
        y = y + torch.pixel_shuffle(predicted(z, up.convs[len(up.convs) - 1], run), up.by)
    return torch.contiguous(y, memory_format=torch.channels_last)


def restoring_loss(x_N3HW: Tensor, up: Upsampler, pictures: float, run: Run) -> Tensor:
    """Mean squared difference of pictures from themselves made small and enlarged, a picture's share of the sum."""
    small = torch.avg_pool2d(x_N3HW, [up.by, up.by], [up.by, up.by])
    each_N = torch.mean(torch.square(enlarged(small, up, run) - x_N3HW), [1, 2, 3])
    return torch.sum(each_N) / pictures
