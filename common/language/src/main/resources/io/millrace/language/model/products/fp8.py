# Operands in E4M3 (tiles.py), which are rounded to it and multiplied in float32: exact but for float32's last bit.
import torch
from torch import Tensor
from typing import List


def _quantised(tiles: Tensor, axes: List[int]) -> Tensor:
    values, scale = _scaled(tiles, axes)
    return values.to(scale.dtype) * scale


def _along_features(x_TI: Tensor) -> Tensor:
    """Tiles of 128 neighbours in a row."""
    inner = torch.size(x_TI, 1)
    rest = -inner % 128
    tiles = torch.unflatten(torch.constant_pad_nd(x_TI, [0, rest]), 1, [-1, 128])
    return torch.narrow(torch.flatten(_quantised(tiles, [2]), 1), 1, 0, inner)


def _along_tokens(x_TI: Tensor) -> Tensor:
    """Tiles of 128 neighbours in a column."""
    tokens = torch.size(x_TI, 0)
    rest = -tokens % 128
    tiles = torch.unflatten(torch.constant_pad_nd(x_TI, [0, 0, 0, rest]), 0, [-1, 128])
    return torch.narrow(torch.flatten(_quantised(tiles, [1]), 0, 1), 0, 0, tokens)


def _blocks(w_OI: Tensor) -> Tensor:
    """Blocks of 128 x 128; of each matrix, if there is a dimension before these two."""
    outer = torch.size(w_OI, -2)
    inner = torch.size(w_OI, -1)
    padded = torch.constant_pad_nd(w_OI, [0, -inner % 128, 0, -outer % 128])
    blocks = torch.unflatten(torch.unflatten(padded, -1, [-1, 128]), -3, [-1, 128])
    whole = torch.flatten(torch.flatten(_quantised(blocks, [-3, -1]), -2, -1), -3, -2)
    return torch.narrow(torch.narrow(whole, -2, 0, outer), -1, 0, inner)


def _rows_operand(x_TI: Tensor) -> Tensor:
    return _along_features(x_TI)


def _weights_operand(w_EOI: Tensor) -> Tensor:
    return _blocks(w_EOI)


def _columns_operand(x_TI: Tensor) -> Tensor:
    return _along_tokens(x_TI)
