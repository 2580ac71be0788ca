# Forward and backward of a training step written out by hand: what decoder.py's training_step gets from
# autograd, in fewer and larger operations. Compiled together with precision.py, which has
# its linear layers' products, and decoder.py, whose legend holds here too.
#
# What is saved for the backward pass lies in one list a block, in the order in which the functions here
# append it; a recomputed block saves its input alone and is run again.
#
# W is the width of a head's queries and keys, N + R. Spans of one length L are attended together: B of them
# and their heads, of which Q queries see S keys.
import torch
from torch import Tensor
from typing import List, Tuple


def _normalised(x_TD: Tensor, eps: float) -> Tuple[Tensor, Tensor]:
    """x over its root mean square, and the reciprocal of that, [T, 1]."""
    length_T1 = torch.linalg_vector_norm(x_TD, 2, [-1], True)
    reciprocal_T1 = torch.rsqrt(length_T1 * length_T1 / float(torch.size(x_TD, -1)) + eps)
    return x_TD * reciprocal_T1, reciprocal_T1


def _norm_forward(x_TD: Tensor, weight_D: Tensor, eps: float, saved: List[Tensor]) -> Tensor:
    """RMSNorm; saves three tensors: normalised, reciprocal, result."""
    n_TD, reciprocal_T1 = _normalised(x_TD, eps)
    h_TD = n_TD * weight_D
    saved.append(n_TD)
    saved.append(reciprocal_T1)
    saved.append(h_TD)
    return h_TD


def _norm_backward(
    dh_TD: Tensor, weight_D: Tensor, gradient_D: Tensor, saved: List[Tensor], first: int
) -> Tensor:
    """Of the input; overwrites dh."""
    n_TD = saved[first]
    reciprocal_T1 = saved[first + 1]
    gradient_D.add_(torch.sum(dh_TD * n_TD, [0]))
    dn_TD = dh_TD.mul_(weight_D)
    # d|n|/dx of a vector n of length sqrt(D), as weight normalisation has it: one pass.
    root = float(torch.size(n_TD, -1)) ** 0.5
    dx_TD, _lengths = torch._weight_norm_interface_backward(
        dn_TD, n_TD, reciprocal_T1 * root, torch.full_like(reciprocal_T1, root), 0)
    return dx_TD


def _linear_backward(
    dy_TO: Tensor, x_TI: Tensor, weight_OI: Tensor, gradient_OI: Tensor, precision: int
) -> Tensor:
    _add_weight_gradient(gradient_OI, dy_TO, x_TI, precision)
    return _input_gradient(dy_TO, weight_OI, precision)


def _swiglu_forward(gate_up_T2F: Tensor, saved: List[Tensor]) -> Tensor:
    """Saves three tensors: gate and up, silu(gate), result."""
    gate_TF, up_TF = torch.chunk(gate_up_T2F, 2, -1)
    s_TF = torch.silu(gate_TF)
    a_TF = s_TF * up_TF
    saved.append(gate_up_T2F)
    saved.append(s_TF)
    saved.append(a_TF)
    return a_TF


def _swiglu_backward(da_TF: Tensor, saved: List[Tensor], first: int) -> Tensor:
    """Of gate and up, [T, 2F]; overwrites da."""
    gate_TF, up_TF = torch.chunk(saved[first], 2, -1)
    d_T2F = torch.empty_like(saved[first])
    dgate_TF, dup_TF = torch.chunk(d_T2F, 2, -1)
    torch.mul(da_TF, saved[first + 1], out=dup_TF)
    torch.silu_backward(da_TF.mul_(up_TF), gate_TF, grad_input=dgate_TF)
    return d_T2F


def _rotate_(x_THW: Tensor, rotations_TR: Tensor, first: int) -> Tensor:
    """RoPE in place on the values of every head from `first` on."""
    rest = torch.size(x_THW, 2) - first
    part = torch.narrow(x_THW, 2, first, rest)
    pairs = torch.view_as_complex(torch.unflatten(part, 2, [rest // 2, 2]))
    pairs.mul_(torch.unsqueeze(rotations_TR, 1))
    return x_THW


def _joined(parts: List[Tensor], axis: int) -> Tensor:
    whole = parts[0]
    if len(parts) > 1:
        whole = torch.cat(parts, axis)
    return whole


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


def _attend_short(q_BLW: Tensor, k_BLW: Tensor, v_BLU: Tensor, scale: float, saved: List[Tensor]) -> Tensor:
    """Causal attention, [B, L, U]; saves the probabilities of every block of queries."""
    length = torch.size(q_BLW, 1)
    future = torch.triu(torch.full([length, length], float("-inf"), dtype=q_BLW.dtype, device=q_BLW.device), 1)
    outs: List[Tensor] = []
    for first in range(0, length, _query_rows()):
        count = min(_query_rows(), length - first)
        seen = first + count
        scores_BQL = torch.baddbmm(
            torch.narrow(torch.narrow(future, 0, first, count), 1, 0, seen), torch.narrow(q_BLW, 1, first, count),
            torch.transpose(torch.narrow(k_BLW, 1, 0, seen), 1, 2), alpha=scale)
        p_BQL = torch.softmax(scores_BQL, -1)
        outs.append(torch.bmm(p_BQL, torch.narrow(v_BLU, 1, 0, seen)))
        saved.append(p_BQL)
    return _joined(outs, 1)


def _scaled_products(a_BIK: Tensor, b_BKJ: Tensor, scale: float) -> Tensor:
    y_BIJ = torch.empty(
        [torch.size(a_BIK, 0), torch.size(a_BIK, 1), torch.size(b_BKJ, 2)], dtype=a_BIK.dtype, device=a_BIK.device)
    return y_BIJ.baddbmm_(a_BIK, b_BKJ, beta=0.0, alpha=scale)


def _attend_short_backward(
    do_BLU: Tensor, q_BLW: Tensor, k_BLW: Tensor, v_BLU: Tensor, scale: float, saved: List[Tensor], at: int
) -> Tuple[Tensor, Tensor, Tensor]:
    """Of queries, keys and values."""
    length = torch.size(q_BLW, 1)
    blocks = _kept_of_short(length)
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
        p_BQL = saved[at + block]
        do_BQU = torch.narrow(do_BLU, 1, first, count)
        dv_BSU = torch.bmm(torch.transpose(p_BQL, 1, 2), do_BQU)
        dp_BQL = torch.bmm(do_BQU, torch.transpose(torch.narrow(v_BLU, 1, 0, seen), 1, 2))
        ds_BQL = torch._softmax_backward_data(dp_BQL, p_BQL, -1, p_BQL.dtype)
        dqs.append(_scaled_products(ds_BQL, torch.narrow(k_BLW, 1, 0, seen), scale))
        dk_BSW = _scaled_products(torch.transpose(ds_BQL, 1, 2), torch.narrow(q_BLW, 1, first, count), scale)
        if i == 0:
            dk_BLW = dk_BSW
            dv_BLU = dv_BSU
        else:
            torch.narrow(dk_BLW, 1, 0, seen).add_(dk_BSW)
            torch.narrow(dv_BLU, 1, 0, seen).add_(dv_BSU)
    dqs.reverse()
    return _joined(dqs, 1), dk_BLW, dv_BLU


def _kept_of_short(length: int) -> int:
    return (length + _query_rows() - 1) // _query_rows()


def _kept_of_run(length: int) -> int:
    """Tensors that attention saves for spans of one length: q, k, v, and probabilities or their normaliser."""
    count = 4
    if _is_short(length):
        count = 3 + _kept_of_short(length)
    return count


def _attend_run(
    q_NHLW: Tensor, k_NHLW: Tensor, v_NHLU: Tensor, scale: float, saved: List[Tensor]
) -> Tensor:
    """Causal attention inside of N spans of one length, [N, H, L, U]."""
    if _is_short(torch.size(q_NHLW, 2)):
        q = torch.contiguous(q_NHLW)
        k = torch.contiguous(k_NHLW)
        v = torch.contiguous(v_NHLU)
        saved.extend([q, k, v])
        o_BLU = _attend_short(
            torch.flatten(q, 0, 1), torch.flatten(k, 0, 1), torch.flatten(v, 0, 1), scale, saved)
        o_NHLU = torch.view(o_BLU, torch.size(v))
    else:
        q = _as_wide(q_NHLW, _kernel_width(q_NHLW))
        k = _as_wide(k_NHLW, _kernel_width(q_NHLW))
        v = _as_wide(v_NHLU, _kernel_width(q_NHLW))
        if q.is_cuda:
            # Mask 1 is the causal one.
            o_NLHW, log_sum, _seed, _offset, _q, _k = torch._efficient_attention_forward(
                torch.transpose(q, 1, 2), torch.transpose(k, 1, 2), torch.transpose(v, 1, 2), None, None, None,
                None, None, 0.0, 1, True, scale=scale)
            o_NHLW = torch.transpose(o_NLHW, 1, 2)
        else:
            o_NHLW, log_sum = torch._scaled_dot_product_flash_attention_for_cpu(
                q, k, v, 0.0, True, attn_mask=None, scale=scale)
        saved.extend([q, k, v, log_sum])
        o_NHLU = torch.narrow(o_NHLW, 3, 0, torch.size(v_NHLU, 3))
    return o_NHLU


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


def _attend_run_backward(
    do_NHLU: Tensor, o_NHLU: Tensor, query_width: int, scale: float, saved: List[Tensor], at: int
) -> Tuple[Tensor, Tensor, Tensor]:
    """Of queries, keys and values."""
    q_NHLW = saved[at]
    k_NHLW = saved[at + 1]
    v_NHLU = saved[at + 2]
    if _is_short(torch.size(q_NHLW, 2)):
        dq, dk, dv = _attend_short_backward(
            torch.flatten(torch.contiguous(do_NHLU), 0, 1), torch.flatten(q_NHLW, 0, 1),
            torch.flatten(k_NHLW, 0, 1), torch.flatten(v_NHLU, 0, 1), scale, saved, at + 3)
        dq = torch.view(dq, torch.size(q_NHLW))
        dk = torch.view(dk, torch.size(k_NHLW))
        dv = torch.view(dv, torch.size(v_NHLU))
    else:
        width = torch.size(q_NHLW, 3)
        do_NHLW = _as_wide(do_NHLU, width)
        o_NHLW = _as_wide(o_NHLU, width)
        if q_NHLW.is_cuda:
            length = torch.size(q_NHLW, 2)
            # Seed and offset are those of a dropout that there is none of.
            none = torch.zeros([], dtype=torch.int64)
            dq, dk, dv, _dbias = torch._efficient_attention_backward(
                torch.transpose(do_NHLW, 1, 2), torch.transpose(q_NHLW, 1, 2), torch.transpose(k_NHLW, 1, 2),
                torch.transpose(v_NHLU, 1, 2), None, torch.transpose(o_NHLW, 1, 2), None, None, length, length,
                saved[at + 3], 0.0, none, none, 1, False, scale=scale)
            dq = torch.transpose(dq, 1, 2)
            dk = torch.transpose(dk, 1, 2)
            dv = torch.transpose(dv, 1, 2)
        else:
            dq, dk, dv = torch._scaled_dot_product_flash_attention_for_cpu_backward(
                do_NHLW, q_NHLW, k_NHLW, v_NHLU, o_NHLW, saved[at + 3], 0.0, True, attn_mask=None, scale=scale)
        dq = torch.narrow(dq, 3, 0, query_width)
        dk = torch.narrow(dk, 3, 0, query_width)
        dv = torch.narrow(dv, 3, 0, torch.size(do_NHLU, 3))
    return dq, dk, dv


def _by_tokens(x_NHLW: Tensor) -> Tensor:
    """[N * L, H, W]"""
    return torch.flatten(torch.transpose(x_NHLW, 1, 2), 0, 1)


def _attention_forward(
    x_TD: Tensor, weights: List[Tensor], at: int, rotations_TR: Tensor, runs: List[int], lengths: List[int],
    dims: List[int], consts: List[float], saved: List[Tensor]
) -> Tensor:
    """Adds attention to x. Saves: input norm (3), latent norm (3), result of the heads, with query
    compression the norm of that (3), then for each run what _kept_of_run says."""
    tokens = torch.size(x_TD, 0)
    heads = dims[2]
    h_TD = _norm_forward(x_TD, weights[at], consts[0], saved)
    kv = at + _attention_weights(dims) - 4
    down = _linear(h_TD, weights[kv], dims[19])
    latent, k_rope = torch.split_with_sizes(down, [dims[6], dims[4]], -1)
    c_TC = _norm_forward(latent, weights[kv + 1], 1e-6, saved)
    queries: List[Tensor] = []
    if dims[7] > 0:
        q_low = _norm_forward(_linear(h_TD, weights[at + 1], dims[19]), weights[at + 2], 1e-6, queries)
        q = _linear(q_low, weights[at + 3], dims[19])
    else:
        q = _linear(h_TD, weights[at + 1], dims[19])
    q_THW = _rotate_(torch.view(q, [tokens, heads, -1]), rotations_TR, dims[3])
    k_nope, v_THU = torch.split_with_sizes(
        torch.view(_linear(c_TC, weights[kv + 2], dims[19]), [tokens, heads, -1]), [dims[3], dims[5]], -1)
    k_rope = _rotate_(torch.unsqueeze(k_rope, 1), rotations_TR, 0)
    k_THW = torch.cat([k_nope, torch.expand(k_rope, [-1, heads, -1])], 2)
    outs: List[Tensor] = []
    attended: List[Tensor] = []
    first = 0
    for run in range(len(runs)):
        o = _attend_run(
            _in_run(q_THW, runs[run], lengths[run], first), _in_run(k_THW, runs[run], lengths[run], first),
            _in_run(v_THU, runs[run], lengths[run], first), consts[3], attended)
        outs.append(_by_tokens(o))
        first = first + runs[run]
    o_TV = torch.flatten(_joined(outs, 0), 1)
    saved.append(o_TV)
    saved.extend(queries)
    saved.extend(attended)
    return _sum_with_product(x_TD, o_TV, weights[kv + 3], dims[19])


def _attention_backward(
    dx_TD: Tensor, weights: List[Tensor], gradients: List[Tensor], at: int, rotations_TR: Tensor,
    runs: List[int], lengths: List[int], dims: List[int], consts: List[float], saved: List[Tensor]
) -> Tensor:
    """Of the block's input, the residual path included."""
    tokens = torch.size(dx_TD, 0)
    heads = dims[2]
    kv = at + _attention_weights(dims) - 4
    o_TV = saved[6]
    o_THU = torch.view(o_TV, [tokens, heads, -1])
    do_THU = torch.view(
        _linear_backward(dx_TD, o_TV, weights[kv + 3], gradients[kv + 3], dims[19]), [tokens, heads, -1])
    dqs: List[Tensor] = []
    dk_ropes: List[Tensor] = []
    dkvs: List[Tensor] = []
    kept = _saved_before_runs(dims)
    first = 0
    for run in range(len(runs)):
        dq, dk, dv = _attend_run_backward(
            _in_run(do_THU, runs[run], lengths[run], first), _in_run(o_THU, runs[run], lengths[run], first),
            dims[3] + dims[4], consts[3], saved, kept)
        dk = torch.transpose(dk, 1, 2)
        dqs.append(_by_tokens(dq))
        dk_ropes.append(torch.flatten(torch.sum(torch.narrow(dk, 3, dims[3], dims[4]), [2]), 0, 1))
        dkvs.append(torch.flatten(
            torch.cat([torch.narrow(dk, 3, 0, dims[3]), torch.transpose(dv, 1, 2)], 3), 0, 1))
        kept = kept + _kept_of_run(lengths[run])
        first = first + runs[run]
    back_TR = torch.conj_physical(rotations_TR)
    dk_rope = _rotate_(torch.unsqueeze(_joined(dk_ropes, 0), 1), back_TR, 0)
    dc_TC = _linear_backward(
        torch.flatten(_joined(dkvs, 0), 1), saved[5], weights[kv + 2], gradients[kv + 2], dims[19])
    dlatent = _norm_backward(dc_TC, weights[kv + 1], gradients[kv + 1], saved, 3)
    d_down = torch.cat([dlatent, torch.squeeze(dk_rope, 1)], 1)
    h_TD = saved[2]
    dh_TD = _linear_backward(d_down, h_TD, weights[kv], gradients[kv], dims[19])
    dq = torch.flatten(_rotate_(_joined(dqs, 0), back_TR, dims[3]), 1)
    if dims[7] > 0:
        dq = _linear_backward(dq, saved[9], weights[at + 3], gradients[at + 3], dims[19])
        dq = _norm_backward(dq, weights[at + 2], gradients[at + 2], saved, 7)
    _add_weight_gradient(gradients[at + 1], dq, h_TD, dims[19])
    _add_input_gradient(dh_TD, dq, weights[at + 1], dims[19])
    return _norm_backward(dh_TD, weights[at], gradients[at], saved, 0).add_(dx_TD)


def _mlp_forward(
    x_TD: Tensor, weights: List[Tensor], at: int, dims: List[int], consts: List[float], saved: List[Tensor]
) -> Tensor:
    """Adds a dense feed-forward layer to x. Saves: norm (3), SwiGLU (3)."""
    h_TD = _norm_forward(x_TD, weights[at], consts[0], saved)
    a_TF = _swiglu_forward(_linear(h_TD, weights[at + 1], dims[19]), saved)
    return _sum_with_product(x_TD, a_TF, weights[at + 2], dims[19])


def _mlp_backward(
    dx_TD: Tensor, weights: List[Tensor], gradients: List[Tensor], at: int, dims: List[int], saved: List[Tensor],
    first: int
) -> Tensor:
    da_TF = _linear_backward(dx_TD, saved[first + 5], weights[at + 2], gradients[at + 2], dims[19])
    d_T2F = _swiglu_backward(da_TF, saved, first + 3)
    dh_TD = _linear_backward(d_T2F, saved[first + 2], weights[at + 1], gradients[at + 1], dims[19])
    return _norm_backward(dh_TD, weights[at], gradients[at], saved, first).add_(dx_TD)


def _sum_of_choices(rows_PD: Tensor, places_TK: Tensor, bags_T: Tensor) -> Tensor:
    """Sum over a token's K choices of the rows in their places."""
    sums, _a, _b, _c = torch.embedding_bag(rows_PD, torch.flatten(places_TK), bags_T, False, 0, False, None, False)
    return sums


def _moe_forward(
    x_TD: Tensor, weights: List[Tensor], at: int, bias_E: Tensor, dims: List[int], consts: List[float],
    saved: List[Tensor]
) -> Tensor:
    """Adds a layer of experts to x. Saves: norm (3), scores, chosen, places, gates in the order of the
    experts, sources, rows, SwiGLU of the routed (3), that with its gates, SwiGLU of the shared (3), sizes."""
    h_TD = _norm_forward(x_TD, weights[at], consts[0], saved)
    gates_TK, chosen_TK, scores_TE = route(h_TD, weights[at + 1], bias_E, dims, consts)
    tokens = torch.size(x_TD, 0)
    flat_P = torch.flatten(chosen_TK)
    order_P = torch.argsort(flat_P, dim=0, stable=True)
    places_P = torch.empty_like(order_P).scatter_(0, order_P, torch.arange(tokens * dims[9], device=x_TD.device))
    sizes_E = torch.bincount(flat_P, None, dims[8])
    sizes: List[int] = sizes_E.tolist()
    sources_P = torch.div(order_P, dims[9], rounding_mode="floor")
    rows_PD = torch.index_select(h_TD, 0, sources_P)
    gates_P1 = torch.unsqueeze(torch.index_select(torch.flatten(gates_TK), 0, order_P), 1)
    saved.append(scores_TE)
    saved.append(chosen_TK)
    saved.append(places_P)
    saved.append(gates_P1)
    saved.append(sources_P)
    saved.append(rows_PD)
    hidden_P = _expert_products(rows_PD, weights[at + 2], sizes, dims[19])
    gated_P = _swiglu_forward(hidden_P, saved) * gates_P1
    saved.append(gated_P)
    outs_PD = _expert_products(gated_P, weights[at + 3], sizes, dims[19])
    shared = _swiglu_forward(_linear(h_TD, weights[at + 4], dims[19]), saved)
    saved.append(sizes_E)
    y_TD = _sum_with_product(x_TD, shared, weights[at + 5], dims[19])
    bags_T = torch.arange(0, tokens * dims[9], dims[9], device=x_TD.device)
    return y_TD.add_(_sum_of_choices(outs_PD, places_P, bags_T))


def _balance_gradient(
    scores_TE: Tensor, chosen_TK: Tensor, counted_T1: Tensor, documents_T: Tensor, documents: int, dims: List[int]
) -> Tensor:
    """Of _balance's loss by the scores."""
    counts_SE, lengths_S1 = _counts(scores_TE, chosen_TK, counted_T1, documents_T, documents, dims)
    slope_SE = counts_SE / (lengths_S1 * lengths_S1) * (float(dims[8]) / float(dims[9]))
    slope_TE = torch.index_select(slope_SE, 0, documents_T)
    total_T1 = torch.sum(scores_TE, [-1], True)
    mean_T1 = torch.sum(slope_TE * scores_TE, [-1], True) / total_T1
    return (slope_TE - mean_T1) * (counted_T1 / total_T1)


def _gates_backward(
    dgates_TK: Tensor, chosen_TK: Tensor, scores_TE: Tensor, dims: List[int], consts: List[float]
) -> Tensor:
    """Of the gates by the scores, [T, E]."""
    d_TK = dgates_TK * consts[2]
    if dims[14] > 0:
        picked_TK = torch.gather(scores_TE, 1, chosen_TK)
        total_T1 = torch.sum(picked_TK, [-1], True) + 1e-20
        d_TK = (d_TK - torch.sum(d_TK * picked_TK, [-1], True) / total_T1) / total_T1
    return torch.scatter(torch.zeros_like(scores_TE), 1, chosen_TK, d_TK)


def _moe_backward(
    dx_TD: Tensor, weights: List[Tensor], gradients: List[Tensor], at: int, counted_T1: Tensor,
    documents_T: Tensor, documents: int, balance_weight: float, dims: List[int], consts: List[float],
    saved: List[Tensor], first: int
) -> Tensor:
    h_TD = saved[first + 2]
    scores_TE = saved[first + 3]
    chosen_TK = saved[first + 4]
    places_P = saved[first + 5]
    gates_P1 = saved[first + 6]
    rows_PD = saved[first + 8]
    sizes: List[int] = saved[first + 16].tolist()
    tokens = torch.size(dx_TD, 0)
    douts_PD = torch.index_select(dx_TD, 0, saved[first + 7])
    da_P = _expert_input_gradients(douts_PD, weights[at + 3], sizes, dims[19])
    _add_expert_weight_gradients(gradients[at + 3], douts_PD, saved[first + 12], sizes, dims[19])
    dgates_P = torch.sum(da_P * saved[first + 11], [-1])
    d_P = _swiglu_backward(da_P.mul_(gates_P1), saved, first + 9)
    drows_PD = _expert_input_gradients(d_P, weights[at + 2], sizes, dims[19])
    _add_expert_weight_gradients(gradients[at + 2], d_P, rows_PD, sizes, dims[19])
    bags_T = torch.arange(0, tokens * dims[9], dims[9], device=dx_TD.device)
    dh_TD = _sum_of_choices(drows_PD, places_P, bags_T)
    dshared = _linear_backward(dx_TD, saved[first + 15], weights[at + 5], gradients[at + 5], dims[19])
    dshared = _swiglu_backward(dshared, saved, first + 13)
    _add_weight_gradient(gradients[at + 4], dshared, h_TD, dims[19])
    _add_input_gradient(dh_TD, dshared, weights[at + 4], dims[19])
    dgates_TK = torch.view(torch.index_select(dgates_P, 0, places_P), [tokens, -1])
    dscores_TE = _gates_backward(dgates_TK, chosen_TK, scores_TE, dims, consts)
    if balance_weight != 0.0:
        dscores_TE.add_(
            _balance_gradient(scores_TE, chosen_TK, counted_T1, documents_T, documents, dims),
            alpha=balance_weight)
    dlogits_TE = torch.sigmoid_backward(dscores_TE, scores_TE)
    gradients[at + 1].addmm_(torch.t(dlogits_TE), h_TD)
    dh_TD.addmm_(dlogits_TE, weights[at + 1])
    return _norm_backward(dh_TD, weights[at], gradients[at], saved, first).add_(dx_TD)


def _block_forward(
    x_TD: Tensor, weights: List[Tensor], at: int, moe: bool, bias_E: Tensor, rotations_TR: Tensor,
    runs: List[int], lengths: List[int], dims: List[int], consts: List[float], saved: List[Tensor]
) -> Tensor:
    x = _attention_forward(x_TD, weights, at, rotations_TR, runs, lengths, dims, consts, saved)
    ffn = at + _attention_size(dims)
    if moe:
        x = _moe_forward(x, weights, ffn, bias_E, dims, consts, saved)
    else:
        x = _mlp_forward(x, weights, ffn, dims, consts, saved)
    return x


def _saved_before_runs(dims: List[int]) -> int:
    count = 7
    if dims[7] > 0:
        count = count + 3
    return count


def _saved_by_attention(dims: List[int], lengths: List[int]) -> int:
    count = _saved_before_runs(dims)
    for length in lengths:
        count = count + _kept_of_run(length)
    return count


def _keep(x_TD: Tensor, block: int, recompute_every: int, saved: List[Tensor]) -> List[Tensor]:
    """What a block keeps until its backward pass."""
    kept = saved
    if recompute_every > 0 and block % recompute_every == 0:
        kept = [x_TD]
    return kept


def _block_backward(
    dx_TD: Tensor, weights: List[Tensor], gradients: List[Tensor], at: int, moe: bool, bias_E: Tensor,
    rotations_TR: Tensor, counted_T1: Tensor, documents_T: Tensor, documents: int, balance_weight: float,
    runs: List[int], lengths: List[int], dims: List[int], consts: List[float], kept: List[Tensor]
) -> Tensor:
    saved = kept
    if len(kept) == 1:
        again: List[Tensor] = []
        _block_forward(kept[0], weights, at, moe, bias_E, rotations_TR, runs, lengths, dims, consts, again)
        saved = again
    first = _saved_by_attention(dims, lengths)
    ffn = at + _attention_size(dims)
    if moe:
        dx = _moe_backward(
            dx_TD, weights, gradients, ffn, counted_T1, documents_T, documents, balance_weight, dims, consts,
            saved, first)
    else:
        dx = _mlp_backward(dx_TD, weights, gradients, ffn, dims, saved, first)
    return _attention_backward(dx, weights, gradients, at, rotations_TR, runs, lengths, dims, consts, saved)


def _head_step(
    h_TD: Tensor, head_VD: Tensor, gradient_VD: Tensor, targets_T: Tensor, scale: float
) -> Tuple[Tensor, Tensor]:
    """Sum of -log p over the targets, and `scale` times its gradient by h. In pieces of P tokens, because logits
    and probabilities are the largest tensors of a step."""
    tokens = torch.size(h_TD, 0)
    logits_PV = _for_piece(h_TD, head_VD)
    p_PV = torch.empty_like(logits_PV)
    dh_TD = torch.empty_like(h_TD)
    loss = torch.zeros([], dtype=h_TD.dtype, device=h_TD.device)
    for first in range(0, tokens, _piece()):
        count = min(_piece(), tokens - first)
        h = torch.narrow(h_TD, 0, first, count)
        targets = torch.unsqueeze(torch.narrow(targets_T, 0, first, count), 1)
        counts = (targets >= 0).to(h_TD.dtype)
        p = torch.narrow(p_PV, 0, 0, count)
        loss = loss + _piece_loss(h, head_VD, targets, torch.narrow(logits_PV, 0, 0, count), p)
        # p - 1 at the target; rows are weighted on the narrow side of the products.
        p.scatter_add_(1, torch.clamp(targets, 0), torch.full_like(counts, -1.0))
        counts = counts * scale
        gradient_VD.addmm_(torch.t(p), h * counts)
        torch.mul(_times(p, torch.t(head_VD)), counts, out=torch.narrow(dh_TD, 0, first, count))
    return loss, dh_TD


def fused_step(
    weights: List[Tensor],
    biases: List[Tensor],
    gradients: List[Tensor],  # added to
    ids: Tensor,  # int32 [T]
    starts: List[int],
    spans: List[int],
    mask: Tensor,  # uint8 [T]: 1 where the token may be a target
    normalisers: List[float],  # targets of the main head, of each MTP module, documents
    loss_weights: List[float],  # of the MTP loss, of the balance loss
    recompute_every: int,  # 0: no block is run again, k: every k-th is
    dims: List[int],
    consts: List[float],
) -> Tuple[Tensor, Tensor]:
    """Losses [3] (main, MTP, balance) and loads [M, E]; the same as training_step."""
    ids_T = ids.to(torch.int64)
    embedding = weights[0]
    head = _head(weights, dims)
    d_head = _head(gradients, dims)
    runs, lengths = _equal_runs(spans)
    x = torch.embedding(embedding, ids_T)
    rotations = _rotations(_positions(spans, x), consts, x)
    documents_T = _documents(starts, x)
    documents = len(starts) - 1
    # Column k: whether a token counts in the k-th MTP module (0: the decoder itself).
    counted: List[Tensor] = [torch.ones([torch.size(x, 0), 1], dtype=x.dtype, device=x.device)]
    kept: List[List[Tensor]] = []
    loads: List[Tensor] = []
    balance = torch.zeros([], dtype=x.dtype, device=x.device)
    at = 3 - dims[13]
    places: List[int] = []
    moe_layers = 0
    for layer in range(dims[0]):
        moe = layer >= dims[1]
        bias = biases[moe_layers] if moe else ids_T
        saved: List[Tensor] = []
        y = _block_forward(x, weights, at, moe, bias, rotations, runs, lengths, dims, consts, saved)
        if moe:
            first = _saved_by_attention(dims, lengths)
            load, loss = _balance(saved[first + 3], saved[first + 4], counted[0], documents_T, documents, dims)
            loads.append(load)
            balance = balance + loss
            moe_layers = moe_layers + 1
        kept.append(_keep(x, layer, recompute_every, saved))
        places.append(at)
        at = at + _layer_size(dims, moe)
        x = y
    final: List[Tensor] = []
    h = _norm_forward(x, weights[1], consts[0], final)
    # MTP modules: joined holds enorm (3), hnorm (3), their concatenation, final norm (3).
    joined: List[List[Tensor]] = []
    next_ids: List[Tensor] = []
    ahead: List[Tensor] = []
    n = ids_T
    for k in range(dims[12]):
        n = _shifted(n, spans, 0)
        next_ids.append(n)
        counted.append(_shifted(counted[k], starts, 0))
        own: List[Tensor] = []
        e = _norm_forward(torch.embedding(embedding, n), weights[at], consts[0], own)
        g = _norm_forward(h, weights[at + 1], consts[0], own)
        pair = torch.cat([e, g], -1)
        own.append(pair)
        x = _linear(pair, weights[at + 2], dims[19])
        mtp_saved: List[Tensor] = []
        h = _block_forward(
            x, weights, at + 3, True, biases[moe_layers], rotations, runs, lengths, dims, consts, mtp_saved)
        first = _saved_by_attention(dims, lengths)
        load, loss = _balance(
            mtp_saved[first + 3], mtp_saved[first + 4], counted[k + 1], documents_T, documents, dims)
        loads.append(load)
        balance = balance + loss
        kept.append(_keep(x, dims[0] + k, recompute_every, mtp_saved))
        places.append(at)
        at = at + 3 + _layer_size(dims, True)
        ahead.append(_norm_forward(h, weights[at], consts[0], own))
        at = at + 1
        joined.append(own)
        moe_layers = moe_layers + 1
    balance_weight = loss_weights[1] / normalisers[-1]
    targets = _shifted(torch.masked_fill(ids_T, mask == 0, -100), starts, -100)
    main, dh = _head_step(final[2], head, d_head, targets, 1.0 / normalisers[0])
    mtp = torch.zeros_like(main)
    # From the last module to the first; what a module passes back to the one before it waits in `later`.
    later: List[Tensor] = []
    aims: List[Tensor] = []
    for _k in range(dims[12]):
        targets = _shifted(targets, starts, -100)
        aims.append(targets)
    for i in range(dims[12]):
        k = dims[12] - 1 - i
        moe_layers = moe_layers - 1
        own = joined[k]
        first = places[dims[0] + k]
        last = first + 3 + _layer_size(dims, True)
        weight = loss_weights[0] / (normalisers[1 + k] * float(dims[12]))
        loss, da = _head_step(ahead[k], head, d_head, aims[k], weight)
        mtp = mtp + loss / (normalisers[1 + k] * float(dims[12]))
        dx = _norm_backward(da, weights[last], gradients[last], own, 7)
        if len(later) > 0:
            dx.add_(later[-1])
        dx = _block_backward(
            dx, weights, gradients, first + 3, True, biases[moe_layers], rotations, counted[k + 1], documents_T,
            documents, balance_weight, runs, lengths, dims, consts, kept[dims[0] + k])
        d_pair = _linear_backward(dx, own[6], weights[first + 2], gradients[first + 2], dims[19])
        de, dg = torch.chunk(d_pair, 2, -1)
        de = _norm_backward(torch.contiguous(de), weights[first], gradients[first], own, 0)
        gradients[0].add_(torch.embedding_dense_backward(de, next_ids[k], torch.size(embedding, 0), -1, False))
        later.append(_norm_backward(torch.contiguous(dg), weights[first + 1], gradients[first + 1], own, 3))
    if len(later) > 0:
        dh.add_(later[-1])
    dx = _norm_backward(dh, weights[1], gradients[1], final, 0)
    for i in range(dims[0]):
        layer = dims[0] - 1 - i
        moe = layer >= dims[1]
        bias = ids_T
        if moe:
            moe_layers = moe_layers - 1
            bias = biases[moe_layers]
        dx = _block_backward(
            dx, weights, gradients, places[layer], moe, bias, rotations, counted[0], documents_T, documents,
            balance_weight, runs, lengths, dims, consts, kept[layer])
    gradients[0].add_(torch.embedding_dense_backward(dx, ids_T, torch.size(embedding, 0), -1, False))
    losses = torch.stack([main / normalisers[0], mtp, balance / normalisers[-1]])
    all_loads = torch.zeros([0, 0])
    if len(loads) > 0:
        all_loads = torch.stack(loads)
    return losses, all_loads
