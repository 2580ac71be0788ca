# Products of linear layers in float32, and what those of all precisions share. A precision is a choice of files
# (Products.java), of which each choice defines
#   _linear                       y = x w^T
#   _sum_with_product             residual + x w^T
#   _input_gradient               dy w
#   _add_input_gradient           the same, added
#   _add_weight_gradient          dy^T x, added
# and of matrices by expert
#   _expert_products, _expert_input_gradients, _add_expert_weight_gradients
#   _rows_by_expert               what these take for the ends of each expert's rows (rows.py)
#
# I values that a layer reads, O those that it gives, P rows sorted by expert.
import torch
from torch import Tensor
from typing import List


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


def _add_expert_weight_gradients(
    gradient_EOI: Tensor, dy_PO: Tensor, x_PI: Tensor, rows: RowsByExpert
) -> Tensor:
    """Each expert's of its own rows: tiles lie inside of them."""
    gradients = torch.unbind(gradient_EOI, 0)
    dys = _expert_rows(rows, dy_PO)
    xs = _expert_rows(rows, x_PI)
    for e in range(len(rows.sizes)):
        if rows.sizes[e] > 0:
            _add_weight_gradient(gradients[e], dys[e], xs[e])
    return gradient_EOI
