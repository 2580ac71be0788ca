# Whether a device attends documents by libtorch's flash kernel (TensorCores.java).
import torch
from torch import Tensor


def trial(x_THW: Tensor) -> Tensor:
    """Relative distance from the mean of values that all weigh alike, and of its gradient."""
    v = torch.cumsum(x_THW, 0).to(torch.bfloat16)
    x = torch.zeros_like(v)
    starts = torch.tensor([0, 3, 8], dtype=torch.int32, device=x.device)
    y, log_sum, state, unused, _mask = torch._flash_attention_forward(
        x, x, v, starts, starts, 5, 5, 0.0, True, False, scale=1.0)
    # A token sees itself and those before it in its span: 1, 1.5, 2, then 4, 4.5 and so on.
    expected = torch.tensor([1.0, 1.5, 2.0, 4.0, 4.5, 5.0, 5.5, 6.0], device=x.device)
    found = torch.mean(y.to(torch.float32), [1, 2])
    _dq, _dk, dv = torch._flash_attention_backward(
        torch.ones_like(v), x, x, v, y, log_sum, starts, starts, 5, 5, 0.0, True, state, unused, scale=1.0)
    # Each token's weights add up to 1.
    total = torch.sum(dv.to(torch.float32)) / float(torch.numel(dv))
    return torch.amax(torch.abs(found / expected - 1.0)) + torch.abs(total - 1.0)
