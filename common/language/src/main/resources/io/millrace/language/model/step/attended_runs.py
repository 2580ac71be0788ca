# Causal attention of the hand-written step (fused_attention.py) in spans of one length at a time, forward and backward.
# The legend of weights.py holds here too.
#
# W is the width of a head's queries and keys, N + R. Spans of one length L are attended together: B of them
# and their heads, of which Q queries see S keys.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional, Tuple


class SavedRun(NamedTuple):
    """Of spans of one length, [spans, H, L, W]."""

    q_NHLW: Tensor
    k_NHLW: Tensor
    v_NHLU: Tensor
    probabilities: List[Tensor]  # of short spans: [B, Q, S] for every block of queries
    log_sum: Optional[Tensor]  # of long ones, with which libtorch's kernel makes them again


def _in_run(x_THW: Tensor, tokens: int, length: int, first: int) -> Tensor:
    """Spans of one length as a batch, [spans, H, length, W], without a copy."""
    part = torch.narrow(x_THW, 0, first, tokens)
    return torch.transpose(torch.unflatten(part, 0, [tokens // length, length]), 1, 2)


def _is_short(length: int) -> bool:
    """Whether probabilities are kept: faster than the flash kernel, which makes them again and wants values as
    wide as keys, as long as they are small."""
    return length <= 256


def _query_rows() -> int:
    """Queries that are attended in one product: what lies in their future is not computed, but for
    the last of them."""
    return 64


def _query_blocks(length: int) -> int:
    return (length + _query_rows() - 1) // _query_rows()


def _attend_short(
    q_BLW: Tensor, k_BLW: Tensor, v_BLU: Tensor, scale: float
) -> Tuple[Tensor, List[Tensor]]:
    """Causal attention, [B, L, U], and the probabilities of every block of queries."""
    length = torch.size(q_BLW, 1)
    future = torch.triu(torch.full([length, length], float("-inf"), dtype=q_BLW.dtype, device=q_BLW.device), 1)
    outs: List[Tensor] = []
    probabilities: List[Tensor] = []
    for first in range(0, length, _query_rows()):
        count = min(_query_rows(), length - first)
        seen = first + count
        scores_BQL = torch.baddbmm(
            torch.narrow(torch.narrow(future, 0, first, count), 1, 0, seen), torch.narrow(q_BLW, 1, first, count),
            torch.transpose(torch.narrow(k_BLW, 1, 0, seen), 1, 2), alpha=scale)
        p_BQL = torch.softmax(scores_BQL, -1)
        outs.append(torch.bmm(p_BQL, torch.narrow(v_BLU, 1, 0, seen)))
        probabilities.append(p_BQL)
    return _concatenated(outs, 1), probabilities


def _scaled_products(a_BIK: Tensor, b_BKJ: Tensor, scale: float) -> Tensor:
    y_BIJ = torch.empty(
        [torch.size(a_BIK, 0), torch.size(a_BIK, 1), torch.size(b_BKJ, 2)], dtype=a_BIK.dtype, device=a_BIK.device)
    return y_BIJ.baddbmm_(a_BIK, b_BKJ, beta=0.0, alpha=scale)


def _block_backward(
    do_BQU: Tensor, p_BQL: Tensor, q_BQW: Tensor, k_BSW: Tensor, v_BSU: Tensor, scale: float
) -> Tuple[Tensor, Tensor, Tensor]:
    """Of a block of queries, and of the keys and values that it sees."""
    dv_BSU = torch.bmm(torch.transpose(p_BQL, 1, 2), do_BQU)
    dp_BQL = torch.bmm(do_BQU, torch.transpose(v_BSU, 1, 2))
    ds_BQL = torch._softmax_backward_data(dp_BQL, p_BQL, -1, p_BQL.dtype)
    dq_BQW = _scaled_products(ds_BQL, k_BSW, scale)
    return dq_BQW, _scaled_products(torch.transpose(ds_BQL, 1, 2), q_BQW, scale), dv_BSU


def _attend_short_backward(
    do_BLU: Tensor, q_BLW: Tensor, k_BLW: Tensor, v_BLU: Tensor, scale: float, probabilities: List[Tensor]
) -> Tuple[Tensor, Tensor, Tensor]:
    """Of queries, keys and values."""
    length = torch.size(q_BLW, 1)
    blocks = _query_blocks(length)
    dqs: List[Tensor] = []
    dk_BLW = k_BLW
    dv_BLU = v_BLU
    for i in range(blocks):
        # The last block first: it reaches all keys, so that the others are added to what it gives. They have
        # products of their own, because libtorch has batches only where the result is contiguous.
        block = blocks - 1 - i
        first = block * _query_rows()
        count = min(_query_rows(), length - first)
        seen = first + count
        dq_BQW, dk_BSW, dv_BSU = _block_backward(
            torch.narrow(do_BLU, 1, first, count), probabilities[block], torch.narrow(q_BLW, 1, first, count),
            torch.narrow(k_BLW, 1, 0, seen), torch.narrow(v_BLU, 1, 0, seen), scale)
        dqs.append(dq_BQW)
        if i == 0:
            dk_BLW = dk_BSW
            dv_BLU = dv_BSU
        else:
            torch.narrow(dk_BLW, 1, 0, seen).add_(dk_BSW)
            torch.narrow(dv_BLU, 1, 0, seen).add_(dv_BSU)
    dqs.reverse()
    return _concatenated(dqs, 1), dk_BLW, dv_BLU


def _attend_run(q_NHLW: Tensor, k_NHLW: Tensor, v_NHLU: Tensor, scale: float) -> Tuple[Tensor, SavedRun]:
    """Causal attention inside of N spans of one length, [N, H, L, U]."""
    if _is_short(torch.size(q_NHLW, 2)):
        q = torch.contiguous(q_NHLW)
        k = torch.contiguous(k_NHLW)
        v = torch.contiguous(v_NHLU)
        o_BLU, probabilities = _attend_short(
            torch.flatten(q, 0, 1), torch.flatten(k, 0, 1), torch.flatten(v, 0, 1), scale)
        return torch.view(o_BLU, torch.size(v)), SavedRun(q, k, v, probabilities, None)
    q = _as_wide(q_NHLW, _kernel_width(q_NHLW))
    k = _as_wide(k_NHLW, _kernel_width(q_NHLW))
    v = _as_wide(v_NHLU, _kernel_width(q_NHLW))
    o_NHLW, log_sum = _attend_long(q, k, v, scale)
    none: List[Tensor] = []
    return torch.narrow(o_NHLW, 3, 0, torch.size(v_NHLU, 3)), SavedRun(q, k, v, none, log_sum)


def _attend_long(
    q_NHLW: Tensor, k_NHLW: Tensor, v_NHLW: Tensor, scale: float
) -> Tuple[Tensor, Tensor]:
    """By libtorch's kernel, [N, H, L, W], and the logarithm of the sum that probabilities are divided by."""
    if q_NHLW.is_cuda:
        # Mask 1 is the causal one.
        o_NLHW, log_sum, _seed, _offset, _q, _k = torch._efficient_attention_forward(
            torch.transpose(q_NHLW, 1, 2), torch.transpose(k_NHLW, 1, 2), torch.transpose(v_NHLW, 1, 2), None,
            None, None, None, None, 0.0, 1, True, scale=scale)
        return torch.transpose(o_NLHW, 1, 2), log_sum
    o_NHLW, log_sum = torch._scaled_dot_product_flash_attention_for_cpu(
        q_NHLW, k_NHLW, v_NHLW, 0.0, True, attn_mask=None, scale=scale)
    return o_NHLW, log_sum


def _kernel_width(q_NHLW: Tensor) -> int:
    """Width of queries, keys and values that libtorch's kernel takes: all of one, on CUDA a multiple of 16 bytes."""
    width = torch.size(q_NHLW, 3)
    if q_NHLW.is_cuda:
        width = width + -width % 4
    return width


def _as_wide(x_NHLU: Tensor, width: int) -> Tensor:
    """With zeros behind, up to that width."""
    wide = x_NHLU
    rest = width - torch.size(x_NHLU, 3)
    if rest > 0:
        wide = torch.constant_pad_nd(x_NHLU, [0, rest])
    return wide


def _attend_long_backward(
    do_NHLW: Tensor, o_NHLW: Tensor, run: SavedRun, log_sum: Tensor, scale: float
) -> Tuple[Tensor, Tensor, Tensor]:
    """Of queries, keys and values, as wide as libtorch's kernel takes them."""
    if not run.q_NHLW.is_cuda:
        dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(
            do_NHLW, run.q_NHLW, run.k_NHLW, run.v_NHLU, o_NHLW, log_sum, 0.0, True, attn_mask=None, scale=scale)
        return dq, dk, dv
    length = torch.size(run.q_NHLW, 2)
    # Seed and offset are those of a dropout that there is none of.
    none = torch.zeros([], dtype=torch.int64)
    dq, dk, dv, _dbias = torch._efficient_attention_backward(
        torch.transpose(do_NHLW, 1, 2), torch.transpose(run.q_NHLW, 1, 2), torch.transpose(run.k_NHLW, 1, 2),
        torch.transpose(run.v_NHLU, 1, 2), None, torch.transpose(o_NHLW, 1, 2), None, None, length, length,
        log_sum, 0.0, none, none, 1, False, scale=scale)
    return torch.transpose(dq, 1, 2), torch.transpose(dk, 1, 2), torch.transpose(dv, 1, 2)


def _attend_run_backward(
    do_NHLU: Tensor, o_NHLU: Tensor, query_width: int, scale: float, run: SavedRun
) -> Tuple[Tensor, Tensor, Tensor]:
    """Of queries, keys and values."""
    log_sum = run.log_sum
    if log_sum is not None:
        width = torch.size(run.q_NHLW, 3)
        dq, dk, dv = _attend_long_backward(
            _as_wide(do_NHLU, width), _as_wide(o_NHLU, width), run, log_sum, scale)
        dq = torch.narrow(dq, 3, 0, query_width)
        dk = torch.narrow(dk, 3, 0, query_width)
        dv = torch.narrow(dv, 3, 0, torch.size(do_NHLU, 3))
    else:
        dq, dk, dv = _attend_short_backward(
            torch.flatten(torch.contiguous(do_NHLU), 0, 1), torch.flatten(run.q_NHLW, 0, 1),
            torch.flatten(run.k_NHLW, 0, 1), torch.flatten(run.v_NHLU, 0, 1), scale, run.probabilities)
        dq = torch.view(dq, torch.size(run.q_NHLW))
        dk = torch.view(dk, torch.size(run.k_NHLW))
        dv = torch.view(dv, torch.size(run.v_NHLU))
    return dq, dk, dv


def _by_tokens(x_NHLW: Tensor) -> Tensor:
    """[N * L, H, W]"""
    return torch.flatten(torch.transpose(x_NHLW, 1, 2), 0, 1)


def _attend_runs(
    q_THW: Tensor, k_THW: Tensor, v_THU: Tensor, sight: Sight, scale: float
) -> Tuple[Tensor, List[SavedRun]]:
    """[T, H U]"""
    runs = sight.runs
    outs: List[Tensor] = []
    saved: List[SavedRun] = []
    first = 0
    for i, tokens in enumerate(runs.tokens):
        length = runs.lengths[i]
        o, run = _attend_run(
            _in_run(q_THW, tokens, length, first), _in_run(k_THW, tokens, length, first),
            _in_run(v_THU, tokens, length, first), scale)
        outs.append(_by_tokens(o))
        saved.append(run)
        first = first + tokens
    return torch.flatten(_concatenated(outs, 0), 1), saved


def _attend_runs_backward(
    do_THU: Tensor, saved: List[SavedRun], heads_TV: Tensor, sight: Sight, shape: Shape
) -> Tuple[Tensor, Tensor, Tensor]:
    """Of queries [T, H, W], of the rotary part of the key of all heads [T, R], and of what is made of the latents,
    [T, H (N + U)]."""
    runs = sight.runs
    o_THU = torch.view(heads_TV, torch.size(do_THU))
    dqs: List[Tensor] = []
    dk_ropes: List[Tensor] = []
    dkvs: List[Tensor] = []
    first = 0
    for i, run in enumerate(saved):
        tokens = runs.tokens[i]
        length = runs.lengths[i]
        dq, dk, dv = _attend_run_backward(
            _in_run(do_THU, tokens, length, first), _in_run(o_THU, tokens, length, first),
            shape.nope_width + shape.rope_width, shape.attention_scale, run)
        dk = torch.transpose(dk, 1, 2)
        dqs.append(_by_tokens(dq))
        dk_rope = torch.narrow(dk, 3, shape.nope_width, shape.rope_width)
        dk_ropes.append(torch.flatten(torch.sum(dk_rope, [2]), 0, 1))
        dkvs.append(torch.flatten(
            torch.cat([torch.narrow(dk, 3, 0, shape.nope_width), torch.transpose(dv, 1, 2)], 3), 0, 1))
        first = first + tokens
    return _concatenated(dqs, 0), _concatenated(dk_ropes, 0), torch.flatten(_concatenated(dkvs, 0), 1)
