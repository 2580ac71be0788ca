# What a cell of a map really depends on: the gradient of its values by the picture (Luo et al. 2016, arXiv 1701.04128).
#
# Shape suffixes: N pictures, C channels, H and W rows and columns of the picture.
import torch
from torch import Tensor
from typing import List


def cell_gradient(network: Network, rgb_NHW3: Tensor, level: int, branch: int) -> Tensor:
    """The squared gradient of the sum of a map's middle cell, summed over colours and pictures: [H, W]."""
    run = Run(False, [branch])
    x_NCHW = _normalised(rgb_NHW3, network).detach().requires_grad_()
    map_NCHW = _levels(x_NCHW, network, run)[level]
    rows, columns, = size_of(map_NCHW)
    middle_NC = torch.select(torch.select(map_NCHW, 2, rows // 2), 2, columns // 2)
    found_HW = torch.zeros(size_of(x_NCHW), dtype=x_NCHW.dtype, device=x_NCHW.device)
    for gradient in torch.grad([torch.sum(middle_NC)], [x_NCHW]):
        if gradient is not None:
            found_HW = found_HW + torch.sum(torch.square(gradient), [0, 1])
    return found_HW
