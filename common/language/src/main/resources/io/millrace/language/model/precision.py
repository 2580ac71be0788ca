# Products of the body's linear layers in the precision of `dims` 19: 0 float32, 1 bfloat16, 2 FP8 (arXiv
# 2412.19437, section 3.3), 3 FP8 by tensor cores, where device and libtorch have products with such scales.
# Compiled together with decoder.py, whose legend holds here too; I values that a layer reads, O those that it
# gives, P rows sorted by expert.
#
# An operand is rounded to the numbers that the product takes, and multiplied in float32. A product of two
# bfloat16 numbers is exact there, so that only the order of the sum is this machine's; one of two E4M3 numbers and
# their scales is exact but for float32's last bit. On CUDA, bfloat16 operands of what a layer gives are bfloat16
# tensors, and so are these products. What a layer gives is rounded to bfloat16; gradients of weights are not: they
# are products in float32 on every device, and are added up in it.
#
# FP8 is E4M3 with one scale, largest value / 448, for 128 values in the direction in which the product sums
# up, or for 128 x 128 weights; the last ones of a dimension may be fewer. Weights are quantised from the
# masters at each use: the same masters give the same values.
import torch
from torch import Tensor
from typing import List, Tuple


def _scaled(tiles: Tensor, axes: List[int]) -> Tuple[Tensor, Tensor]:
    """Values in E4M3 and the scales to multiply them with, one along the axes."""
    scale = torch.amax(torch.abs(tiles), axes, True) / 448.0
    # Of zeros, and of values too small to have a scale.
    scale = torch.masked_fill(scale, scale == 0.0, 1.0)
    # The quotient may be rounded up beyond the largest number, and E4M3 has no infinity.
    return torch.clamp(tiles / scale, -448.0, 448.0).to(torch.float8_e4m3fn), scale


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


def _bfloat16(x: Tensor) -> Tensor:
    rounded = x.to(torch.bfloat16)
    if not x.is_cuda:
        rounded = rounded.to(x.dtype)
    return rounded


def _rows_operand(x_TI: Tensor, precision: int) -> Tensor:
    """What is multiplied by weights, or by transposed ones."""
    operand = x_TI
    if precision == 1:
        operand = _bfloat16(x_TI)
    elif precision == 2:
        operand = _along_features(x_TI)
    return operand


def _weights_operand(w_OI: Tensor, precision: int) -> Tensor:
    operand = w_OI
    if precision == 1:
        operand = _bfloat16(w_OI)
    elif precision == 2:
        operand = _blocks(w_OI)
    return operand


def _columns_operand(x_TI: Tensor, precision: int) -> Tensor:
    """Either one of a gradient of weights."""
    operand = x_TI
    if precision == 1:
        operand = x_TI.to(torch.bfloat16).to(x_TI.dtype)
    elif precision == 2:
        operand = _along_tokens(x_TI)
    return operand


def _result(y_TO: Tensor, like: Tensor, precision: int) -> Tensor:
    result = y_TO
    if precision > 0:
        result = y_TO.to(torch.bfloat16).to(like.dtype)
    return result


def _by_onednn(x: Tensor) -> bool:
    """Whether oneDNN has the product. Up to 1.4 times as fast as torch.mm, which does not ask it for float32,
    for activations by weights; slower for gradients of weights."""
    return x.dtype == torch.float32 and not x.is_cuda


def _times(x_TI: Tensor, w_OI: Tensor) -> Tensor:
    """[T, O], as it is."""
    if _by_onednn(x_TI):
        return ops.mkldnn._linear_pointwise(x_TI, w_OI, None, "none", [], "")
    return torch.mm(x_TI, torch.t(w_OI))


def _plus_times(y_TO: Tensor, x_TI: Tensor, w_OI: Tensor) -> Tensor:
    """Their sum, a tensor of its own."""
    if _by_onednn(x_TI):
        return ops.mkldnn._linear_pointwise(x_TI, y_TO, w_OI, None, "add")
    return torch.addmm(y_TO, x_TI, torch.t(w_OI))


def _fp8_rows(x_TI: Tensor, multiple: int) -> Tuple[Tensor, Tensor]:
    """E4M3 values and scales [T, I / 128], filled up to what tensor cores take: I to the multiple."""
    rows = -torch.size(x_TI, 0) % 16
    rest = -torch.size(x_TI, 1) % multiple
    tiles = torch.unflatten(torch.constant_pad_nd(x_TI, [0, rest, 0, rows]), 1, [-1, 128])
    values, scale = _scaled(tiles, [2])
    return torch.flatten(values, 1), torch.squeeze(scale, 2)


def _fp8_product(x_TI: Tensor, w_OI: Tensor) -> Tensor:
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


def _fp8_weight_gradient(dy_TO: Tensor, x_TI: Tensor) -> Tensor:
    """[O, I]"""
    a, a_scale = _fp8_rows(torch.t(dy_TO), 128)
    b, b_scale = _fp8_rows(torch.t(x_TI), 128)
    a_scale = torch.t(torch.contiguous(torch.t(a_scale)))
    y_OI = torch._scaled_mm(
        torch.contiguous(a), torch.t(torch.contiguous(b)), a_scale, torch.contiguous(torch.t(b_scale)), None,
        None, torch.float32)
    return torch.narrow(torch.narrow(y_OI, 0, 0, torch.size(dy_TO, 1)), 1, 0, torch.size(x_TI, 1))


def _fp8_expert_products(x_PI: Tensor, w_EOI: Tensor, sizes: List[int]) -> Tensor:
    rows = _expert_rows(sizes, x_PI)
    experts = torch.unbind(w_EOI, 0)
    products: List[Tensor] = []
    for e in range(len(sizes)):
        if sizes[e] > 0:
            products.append(_fp8_product(rows[e], experts[e]))
    return torch.cat(products, 0)


def _linear(x_TI: Tensor, w_OI: Tensor, precision: int) -> Tensor:
    """A linear layer, [T, O]."""
    if precision == 0:
        return _times(x_TI, w_OI)
    if precision == 3:
        y_TO = _fp8_product(x_TI, w_OI)
    else:
        y_TO = torch.mm(_rows_operand(x_TI, precision), torch.t(_weights_operand(w_OI, precision)))
    return _result(y_TO, x_TI, precision)


def _sum_with_product(residual_TO: Tensor, x_TI: Tensor, w_OI: Tensor, precision: int) -> Tensor:
    if precision == 0:
        y_TO = _plus_times(residual_TO, x_TI, w_OI)
    else:
        y_TO = _linear(x_TI, w_OI, precision).add_(residual_TO)
    return y_TO


def _input_gradient(dy_TO: Tensor, w_OI: Tensor, precision: int) -> Tensor:
    """[T, I]"""
    if precision == 0:
        return _times(dy_TO, torch.t(w_OI))
    if precision == 3:
        dx_TI = _fp8_product(dy_TO, torch.t(w_OI))
    else:
        dx_TI = torch.mm(_rows_operand(dy_TO, precision), _weights_operand(w_OI, precision))
    return _result(dx_TI, dy_TO, precision)


def _add_input_gradient(dx_TI: Tensor, dy_TO: Tensor, w_OI: Tensor, precision: int) -> Tensor:
    if precision == 0:
        dx_TI.addmm_(dy_TO, w_OI)
    else:
        dx_TI.add_(_input_gradient(dy_TO, w_OI, precision))
    return dx_TI


def _add_weight_gradient(gradient_OI: Tensor, dy_TO: Tensor, x_TI: Tensor, precision: int) -> Tensor:
    if precision == 0:
        gradient_OI.addmm_(torch.t(dy_TO), x_TI)
    elif precision == 3:
        gradient_OI.add_(_fp8_weight_gradient(dy_TO, x_TI))
    else:
        gradient_OI.add_(
            torch.mm(torch.t(_columns_operand(dy_TO, precision)), _columns_operand(x_TI, precision)))
    return gradient_OI


def _expert_rows(sizes: List[int], x: Tensor) -> List[Tensor]:
    return torch.split_with_sizes(x, sizes, 0)


def _expert_products(x_PI: Tensor, w_EOI: Tensor, sizes: List[int], precision: int) -> Tensor:
    """Every expert's linear layer on its rows, [P, O]."""
    if precision == 3:
        y_PO = _fp8_expert_products(x_PI, w_EOI, sizes)
    else:
        operand = _rows_operand(x_PI, precision)
        rows = _expert_rows(sizes, operand)
        experts = torch.unbind(_weights_operand(w_EOI, precision), 0)
        y_PO = torch.empty(
            [torch.size(x_PI, 0), torch.size(w_EOI, 1)], dtype=operand.dtype, device=x_PI.device)
        results = _expert_rows(sizes, y_PO)
        for e in range(len(sizes)):
            torch.mm(rows[e], torch.t(experts[e]), out=results[e])
    return _result(y_PO, x_PI, precision)


def _expert_input_gradients(dy_PO: Tensor, w_EOI: Tensor, sizes: List[int], precision: int) -> Tensor:
    """[P, I]"""
    if precision == 3:
        dx_PI = _fp8_expert_products(dy_PO, torch.transpose(w_EOI, 1, 2), sizes)
    else:
        operand = _rows_operand(dy_PO, precision)
        rows = _expert_rows(sizes, operand)
        experts = torch.unbind(_weights_operand(w_EOI, precision), 0)
        dx_PI = torch.empty(
            [torch.size(dy_PO, 0), torch.size(w_EOI, 2)], dtype=operand.dtype, device=dy_PO.device)
        results = _expert_rows(sizes, dx_PI)
        for e in range(len(sizes)):
            torch.mm(rows[e], experts[e], out=results[e])
    return _result(dx_PI, dy_PO, precision)


def _add_expert_weight_gradients(
    gradient_EOI: Tensor, dy_PO: Tensor, x_PI: Tensor, sizes: List[int], precision: int
) -> Tensor:
    """Tiles lie inside of an expert's rows."""
    gradients = torch.unbind(gradient_EOI, 0)
    dys = _expert_rows(sizes, dy_PO)
    xs = _expert_rows(sizes, x_PI)
    for e in range(len(sizes)):
        if sizes[e] > 0:
            _add_weight_gradient(gradients[e], dys[e], xs[e], precision)
    return gradient_EOI


def fp8_distance(x_TI: Tensor, w_OI: Tensor, dy_TO: Tensor) -> Tensor:
    """How far the three products of a layer by tensor cores are from those emulated, relative to their norms, [3].
    Fails where device or libtorch have none with such scales."""
    found = [_linear(x_TI, w_OI, 3), _input_gradient(dy_TO, w_OI, 3), _fp8_weight_gradient(dy_TO, x_TI)]
    expected = [
        _linear(x_TI, w_OI, 2), _input_gradient(dy_TO, w_OI, 2),
        torch.mm(torch.t(_along_tokens(dy_TO)), _along_tokens(x_TI))]
    distances: List[Tensor] = []
    for i in range(3):
        distances.append(torch.norm(found[i] - expected[i]) / torch.norm(expected[i]))
    return torch.stack(distances)
