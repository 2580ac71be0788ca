# Products of operands in E4M3 (tiles.py) by tensor cores, where device and libtorch have products with such scales
# (ScaledProducts.java). The legend of products.py holds here.
import torch
from torch import Tensor
from typing import List, Tuple


def _fp8_rows(x_TI: Tensor, multiple: int) -> Tuple[Tensor, Tensor]:
    """E4M3 values and scales [T, I / 128], filled up to what tensor cores take: I to the multiple."""
    rows = -torch.size(x_TI, 0) % 16
    rest = -torch.size(x_TI, 1) % multiple
    tiles = torch.unflatten(torch.constant_pad_nd(x_TI, [0, rest, 0, rows]), 1, [-1, 128])
    values, scale = _scaled(tiles, [2])
    return torch.flatten(values, 1), torch.squeeze(scale, 2)


def _forward_product(x_TI: Tensor, w_OI: Tensor) -> Tensor:
    """Of activations and weights, [T, O]."""
    # Scales of blocks are read in fours: with fewer the product is wrong, and says nothing (PyTorch 2.11).
    a, a_scale = _fp8_rows(x_TI, 512)
    outer = torch.size(w_OI, 0)
    padded = torch.constant_pad_nd(w_OI, [0, -torch.size(w_OI, 1) % 512, 0, -outer % 128])
    blocks = torch.unflatten(torch.unflatten(padded, 1, [-1, 128]), 0, [-1, 128])
    values, scale = _scaled(blocks, [1, 3])
    b = torch.contiguous(torch.flatten(torch.flatten(values, 2), 0, 1))
    b_scale = torch.contiguous(torch.squeeze(torch.squeeze(scale, 3), 1))
    # The one's scales lie column by column, the other's by what it sums over.
    a_scale = torch.t(torch.contiguous(torch.t(a_scale)))
    y_TO = torch._scaled_mm(a, torch.t(b), a_scale, torch.t(b_scale), None, None, torch.float32)
    return torch.narrow(torch.narrow(y_TO, 0, 0, torch.size(x_TI, 0)), 1, 0, outer)


def _backward_product(dy_TO: Tensor, w_OI: Tensor) -> Tensor:
    """[T, I]"""
    return _forward_product(dy_TO, torch.t(w_OI))


def _gradient_product(dy_TO: Tensor, x_TI: Tensor) -> Tensor:
    """[O, I]"""
    a, a_scale = _fp8_rows(torch.t(dy_TO), 128)
    b, b_scale = _fp8_rows(torch.t(x_TI), 128)
    a_scale = torch.t(torch.contiguous(torch.t(a_scale)))
    y_OI = torch._scaled_mm(
        torch.contiguous(a), torch.t(torch.contiguous(b)), a_scale, torch.contiguous(torch.t(b_scale)), None,
        None, torch.float32)
    return torch.narrow(torch.narrow(y_OI, 0, 0, torch.size(dy_TO, 1)), 1, 0, torch.size(x_TI, 1))


def _by_expert_product(x_PI: Tensor, w_EOI: Tensor, rows: RowsByExpert) -> Tensor:
    xs = _expert_rows(rows, x_PI)
    experts = torch.unbind(w_EOI, 0)
    products: List[Tensor] = []
    for e in range(len(rows.sizes)):
        if rows.sizes[e] > 0:
            products.append(_forward_product(xs[e], experts[e]))
    return _result(torch.cat(products, 0), x_PI)


def _expert_products(x_PI: Tensor, w_EOI: Tensor, rows: RowsByExpert) -> Tensor:
    """Every expert's linear layer on its rows, [P, O]."""
    return _by_expert_product(x_PI, w_EOI, rows)


def _expert_input_gradients(dy_PO: Tensor, w_EOI: Tensor, rows: RowsByExpert) -> Tensor:
    """[P, I]"""
    return _by_expert_product(dy_PO, torch.transpose(w_EOI, 1, 2), rows)
