# What ActivationCountTest asks of fused_step.py: the tensors that a layer keeps until its backward pass.
import torch
from torch import Tensor
from typing import List


def kept(
    x_TD: Tensor, weights: List[Tensor], biases: List[Tensor], layer: int, spans: List[int], dims: List[int],
    consts: List[float]
) -> List[Tensor]:
    at = 3 - dims[13]
    for before in range(layer):
        at = at + _layer_size(dims, before >= dims[1])
    moe = layer >= dims[1]
    bias = biases[layer - dims[1]] if moe else x_TD
    runs, lengths = _equal_runs(spans)
    rotations = _rotations(_positions(spans, x_TD), consts, x_TD)
    saved: List[Tensor] = []
    y = _block_forward(x_TD, weights, at, moe, bias, rotations, runs, lengths, dims, consts, saved)
    return saved
