# Whether libtorch has products by expert in one operation (TensorCores.java), and what it gives an expert without rows.
import torch
from torch import Tensor


def trial(x_THW: Tensor) -> Tensor:
    """Relative distance from the products one by one."""
    waves = torch.sin(torch.arange(512, dtype=torch.float32, device=x_THW.device))
    x_PI = torch.view(waves, [32, 16]).to(torch.bfloat16)
    w_EOI = torch.view(torch.cos(waves), [2, 16, 16]).to(torch.bfloat16)
    # The first of three has none.
    w_EOI = torch.cat([torch.narrow(w_EOI, 0, 0, 1), w_EOI], 0)
    ends_E = torch.tensor([0, 8, 32], dtype=torch.int32, device=x_THW.device)
    found_PO = torch._grouped_mm(x_PI, torch.transpose(w_EOI, 1, 2), ends_E)
    expected_PO = torch.cat([
        torch.mm(torch.narrow(x_PI, 0, 0, 8), torch.t(torch.select(w_EOI, 0, 1))),
        torch.mm(torch.narrow(x_PI, 0, 8, 24), torch.t(torch.select(w_EOI, 0, 2)))], 0)
    found_EII = torch._grouped_mm(torch.t(x_PI), x_PI, ends_E)
    expected_II = torch.mm(torch.t(torch.narrow(x_PI, 0, 8, 24)), torch.narrow(x_PI, 0, 8, 24))
    return (
        _apart(found_PO, expected_PO) + _apart(torch.select(found_EII, 0, 2), expected_II)
        + torch.amax(torch.abs(torch.select(found_EII, 0, 0))).to(torch.float32))


def _apart(found: Tensor, expected: Tensor) -> Tensor:
    difference = torch.linalg_vector_norm(found - expected, dtype=torch.float32)
    return difference / torch.linalg_vector_norm(expected, dtype=torch.float32)
