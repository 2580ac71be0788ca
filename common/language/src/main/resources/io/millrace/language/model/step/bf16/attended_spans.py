# Causal attention of the hand-written step (fused_attention.py) in bfloat16, all spans in one call whatever their lengths,
# forward and backward. On CUDA by libtorch's flash kernel, which takes the borders of the spans (cu_seqlens); elsewhere by
# its definition, for comparison. The legend of weights.py holds here too; W is the width of a head's queries and keys.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class SavedRun(NamedTuple):
    """All spans are one run. Values, and with them results, are as wide as keys: the kernel wants them so."""

    q_THW: Tensor
    k_THW: Tensor
    v_THW: Tensor
    result_THW: Tensor
    kernel: List[Tensor]  # what the kernel wants back: logarithms of sums, and the numbers of a dropout of nothing


def _as_wide(x_THU: Tensor, width: int) -> Tensor:
    """With zeros behind, up to that width."""
    wide = x_THU
    rest = width - torch.size(x_THU, 2)
    if rest > 0:
        wide = torch.constant_pad_nd(x_THU, [0, rest])
    return wide


def _longest(runs: Runs) -> int:
    longest = 0
    for length in runs.lengths:
        longest = max(longest, length)
    return longest


def _probabilities(q_THW: Tensor, k_THW: Tensor, starts_S: Tensor, scale: float) -> Tensor:
    """[H, T, T] in float32"""
    places_T = torch.arange(torch.size(q_THW, 0), dtype=torch.int32, device=q_THW.device)
    spans_T = torch.searchsorted(starts_S, places_T, right=True)
    seen_TT = (torch.unsqueeze(spans_T, 1) == torch.unsqueeze(spans_T, 0)) & (
        torch.unsqueeze(places_T, 1) >= torch.unsqueeze(places_T, 0))
    scores_HTT = torch.bmm(_by_head(q_THW), torch.transpose(_by_head(k_THW), 1, 2)) * scale
    return torch.softmax(torch.masked_fill(scores_HTT, torch.logical_not(seen_TT), float("-inf")), -1)


def _by_head(x_THW: Tensor) -> Tensor:
    return torch.transpose(x_THW, 0, 1).to(torch.float32)


def _by_token(x_HTW: Tensor, like: Tensor) -> Tensor:
    return torch.contiguous(torch.transpose(x_HTW, 0, 1)).to(like.dtype)


def _defined(do_THW: Tensor, run: SavedRun, starts_S: Tensor, scale: float) -> Tuple[Tensor, Tensor, Tensor]:
    """Gradients of queries, keys and values by the definition of attention."""
    p_HTT = _probabilities(run.q_THW, run.k_THW, starts_S, scale)
    do_HTW = _by_head(do_THW)
    dv_HTW = torch.bmm(torch.transpose(p_HTT, 1, 2), do_HTW)
    dp_HTT = torch.bmm(do_HTW, torch.transpose(_by_head(run.v_THW), 1, 2))
    ds_HTT = torch._softmax_backward_data(dp_HTT, p_HTT, -1, torch.float32) * scale
    dq_HTW = torch.bmm(ds_HTT, _by_head(run.k_THW))
    dk_HTW = torch.bmm(torch.transpose(ds_HTT, 1, 2), _by_head(run.q_THW))
    return _by_token(dq_HTW, do_THW), _by_token(dk_HTW, do_THW), _by_token(dv_HTW, do_THW)


def _attend_runs(
    q_THW: Tensor, k_THW: Tensor, v_THU: Tensor, sight: Sight, scale: float
) -> Tuple[Tensor, List[SavedRun]]:
    """[T, H U]"""
    # Rows of the kernel are a multiple of 16 bytes.
    width = torch.size(q_THW, 2) + -torch.size(q_THW, 2) % 8
    q = _as_wide(q_THW, width)
    k = _as_wide(k_THW, width)
    v = _as_wide(v_THU, width)
    kernel: List[Tensor] = []
    if q.is_cuda:
        longest = _longest(sight.runs)
        o, log_sum, state, unused, _mask = torch._flash_attention_forward(
            q, k, v, sight.starts_S, sight.starts_S, longest, longest, 0.0, True, False, scale=scale)
        kernel = [log_sum, state, unused]
    else:
        o = _by_token(torch.bmm(_probabilities(q, k, sight.starts_S, scale), _by_head(v)), v)
    heads_TV = torch.flatten(torch.narrow(o, 2, 0, torch.size(v_THU, 2)), 1)
    return heads_TV, [SavedRun(q, k, v, o, kernel)]


def _attend_runs_backward(
    do_THU: Tensor, saved: List[SavedRun], heads_TV: Tensor, sight: Sight, shape: Shape
) -> Tuple[Tensor, Tensor, Tensor]:
    """Of queries [T, H, W], of the rotary part of the key of all heads [T, R], and of what is made of the latents,
    [T, H (N + U)]."""
    run, = saved
    do = _as_wide(do_THU, torch.size(run.v_THW, 2))
    if do.is_cuda:
        longest = _longest(sight.runs)
        log_sum, state, unused = run.kernel
        dq, dk, dv = torch._flash_attention_backward(
            do, run.q_THW, run.k_THW, run.v_THW, run.result_THW, log_sum, sight.starts_S, sight.starts_S, longest,
            longest, 0.0, True, state, unused, scale=shape.attention_scale)
    else:
        dq, dk, dv = _defined(do, run, sight.starts_S, shape.attention_scale)
    width = shape.nope_width + shape.rope_width
    dk_TR = torch.sum(torch.narrow(dk, 2, shape.nope_width, shape.rope_width), [1])
    dkv = torch.cat([torch.narrow(dk, 2, 0, shape.nope_width), torch.narrow(dv, 2, 0, shape.value_width)], 2)
    return torch.narrow(dq, 2, 0, width), dk_TR, torch.flatten(dkv, 1)
