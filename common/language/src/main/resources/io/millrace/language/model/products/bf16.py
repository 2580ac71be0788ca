# Operands in bfloat16. A product of two such numbers is exact in float32, so that only the order of the sum is this
# machine's. On CUDA, operands of what a layer gives are bfloat16 tensors, and so are these products; those of a
# gradient of weights are multiplied in float32 on every device.
import torch
from torch import Tensor


def _bfloat16(x: Tensor) -> Tensor:
    rounded = x.to(torch.bfloat16)
    if not x.is_cuda:
        rounded = rounded.to(x.dtype)
    return rounded


def _rows_operand(x_TI: Tensor) -> Tensor:
    return _bfloat16(x_TI)


def _weights_operand(w_EOI: Tensor) -> Tensor:
    return _bfloat16(w_EOI)


def _columns_operand(x_TI: Tensor) -> Tensor:
    return x_TI.to(torch.bfloat16).to(x_TI.dtype)
