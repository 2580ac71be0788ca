# Kernels of a DeepSeek-V3 style decoder (arXiv 2412.19437): training step, evaluation, prefill, decoding.
# Compiled together with an activation.
#
# Shape suffixes: T tokens, D hidden, H heads, V vocabulary, E experts, K experts of a token, S documents,
# N qk_nope_head_dim, R qk_rope_head_dim, U v_head_dim, C kv_lora_rank, F width of a feed-forward layer.
#
# `starts` are the first tokens of the documents, then T; `spans` likewise of the stretches inside of which
# tokens see each other and positions count: the documents, or packs of them where attention crosses documents.
#
# `weights` are the learned tensors in the order of DecoderLayout, `biases` the routers' selection biases,
# `dims` and `consts` are DecoderLayout's numbers:
#   dims   0 layers, 1 dense first layers, 2 H, 3 N, 4 R, 5 U, 6 C, 7 q_lora_rank (0: none), 8 E, 9 K,
#          10 groups, 11 groups kept, 12 MTP depth, 13 head tied to the embedding, 14 gates normalised,
#          15 biases of the attention, 16 of the feed-forward layers, 17 of the routers, 18 slopes of activations,
#          19 precision of the hand-written training step (precision.py)
#   consts 0 RMSNorm epsilon, 1 modulus of the rotations, 2 routed scaling factor, 3 attention scale,
#          from 4 on: rotary frequencies, R/2
#
# Biases and the slope of a PReLU, where a configuration has them, lie behind the other weights of their
# attention or feed-forward layer.
import torch
from torch import Tensor
from typing import List, Optional, Tuple


def _rms(x_TD: Tensor, weight_D: Tensor, eps: float) -> Tensor:
    return torch.rms_norm(x_TD, [torch.size(x_TD, -1)], weight_D, eps)


def _rotations(positions_T: Tensor, consts: List[float], like: Tensor) -> Tensor:
    """RoPE as complex numbers, [T, R/2]; of modulus one without YaRN."""
    frequencies = torch.tensor(consts[4:], dtype=torch.float64, device=like.device)
    angles = torch.outer(positions_T.to(torch.float64), frequencies).to(like.dtype)
    return torch.polar(torch.full_like(angles, consts[1]), angles)


def _positions(spans: List[int], like: Tensor) -> Tensor:
    """Positions that restart at every span."""
    parts: List[Tensor] = []
    for i in range(len(spans) - 1):
        parts.append(torch.arange(spans[i + 1] - spans[i], device=like.device))
    return torch.cat(parts)


def _rope(x_THR: Tensor, rotations: Tensor) -> Tensor:
    """Rotates the pairs (2k, 2k + 1), as the released weights expect."""
    # A copy, because complex numbers must lie at even places.
    pairs = torch.view_as_complex(
        torch.clone(torch.reshape(x_THR, [torch.size(x_THR, 0), torch.size(x_THR, 1), -1, 2])))
    return torch.flatten(torch.view_as_real(pairs * torch.unsqueeze(rotations, 1)), 2)


def _equal_runs(spans: List[int]) -> Tuple[List[int], List[int]]:
    """Neighbouring spans of one length: tokens of each run, and the length of its spans."""
    runs: List[int] = []
    lengths: List[int] = []
    for i in range(len(spans) - 1):
        n = spans[i + 1] - spans[i]
        if len(lengths) > 0 and lengths[-1] == n:
            runs[-1] = runs[-1] + n
        else:
            runs.append(n)
            lengths.append(n)
    return runs, lengths


def _attend(q_THd: Tensor, k_THd: Tensor, v_THU: Tensor, spans: List[int], scale: float) -> Tensor:
    """Causal attention inside each span; neighbours of one length share a call.

    Values are widened to the width of the keys: only then does libtorch take its flash kernel.
    """
    width = torch.size(v_THU, -1)
    wider = torch.size(q_THd, -1) - width
    if wider > 0:
        v_THU = torch.constant_pad_nd(v_THU, [0, wider])
    runs, lengths = _equal_runs(spans)
    qs = torch.split_with_sizes(q_THd, runs, 0)
    ks = torch.split_with_sizes(k_THd, runs, 0)
    vs = torch.split_with_sizes(v_THU, runs, 0)
    outs: List[Tensor] = []
    heads = torch.size(q_THd, 1)
    for i in range(len(runs)):
        n = lengths[i]
        m = runs[i] // n
        q = torch.transpose(torch.view(qs[i], [m, n, heads, -1]), 1, 2)
        k = torch.transpose(torch.view(ks[i], [m, n, heads, -1]), 1, 2)
        v = torch.transpose(torch.view(vs[i], [m, n, heads, -1]), 1, 2)
        o = torch.scaled_dot_product_attention(q, k, v, None, 0.0, True, scale=scale)
        if wider > 0:
            o = torch.slice(o, -1, 0, width)
        outs.append(torch.reshape(torch.transpose(o, 1, 2), [runs[i], -1]))
    return torch.cat(outs)


def _attention_weights(dims: List[int]) -> int:
    """Learned tensors of an attention block, its norm included, without biases."""
    size = 6
    if dims[7] > 0:
        size = 8
    return size


def _attention_size(dims: List[int]) -> int:
    """Learned tensors of an attention block; the biases are the last ones: of the query compression,
    if there is one, of the key-value compression, of the output."""
    size = _attention_weights(dims)
    if dims[15] > 0:
        size = size + 2
        if dims[7] > 0:
            size = size + 1
    return size


def _plus(y: Tensor, weights: List[Tensor], at: int, switch: int) -> Tensor:
    """With the bias at a place, if there are any."""
    if switch > 0:
        y = y + weights[at]
    return y


def _queries_and_latents(
    x_TD: Tensor, weights: List[Tensor], at: int, rotations: Tensor, dims: List[int], consts: List[float]
) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    """q_nope [T, H, N], q_rope [T, H, R], normed latent [T, C], rotated shared key [T, R]."""
    tokens = torch.size(x_TD, 0)
    h_TD = _rms(x_TD, weights[at], consts[0])
    if dims[7] > 0:
        low = _plus(torch.linear(h_TD, weights[at + 1]), weights, at + _attention_size(dims) - 3, dims[15])
        c_TQ = _rms(low, weights[at + 2], 1e-6)
        q = torch.linear(c_TQ, weights[at + 3])
    else:
        q = torch.linear(h_TD, weights[at + 1])
    kv = at + _attention_weights(dims) - 4
    q_nope, q_rope = torch.split_with_sizes(torch.view(q, [tokens, dims[2], -1]), [dims[3], dims[4]], -1)
    down = _plus(torch.linear(h_TD, weights[kv]), weights, at + _attention_size(dims) - 2, dims[15])
    latent, k_rope = torch.split_with_sizes(down, [dims[6], dims[4]], -1)
    latent = _rms(latent, weights[kv + 1], 1e-6)
    k_rope = torch.squeeze(_rope(torch.unsqueeze(k_rope, 1), rotations), 1)
    return q_nope, _rope(q_rope, rotations), latent, k_rope


def _naive_attention(
    q_nope: Tensor, q_rope: Tensor, latent_TC: Tensor, k_rope_TR: Tensor, weights: List[Tensor], at: int,
    spans: List[int], dims: List[int], consts: List[float]
) -> Tensor:
    """Multi-head latent attention with keys and values made for every head (section 2.1.1)."""
    tokens = torch.size(latent_TC, 0)
    kv = at + _attention_weights(dims) - 4
    k_and_v = torch.view(torch.linear(latent_TC, weights[kv + 2]), [tokens, dims[2], -1])
    k_nope, v = torch.split_with_sizes(k_and_v, [dims[3], dims[5]], -1)
    k_rope = torch.expand(torch.unsqueeze(k_rope_TR, 1), [-1, dims[2], -1])
    q = torch.cat([q_nope, q_rope], -1)
    k = torch.cat([k_nope, k_rope], -1)
    o_THU = _attend(q, k, v, spans, consts[3])
    return _plus(torch.linear(o_THU, weights[kv + 3]), weights, at + _attention_size(dims) - 1, dims[15])


def _gated(h_T2F: Tensor, weights: List[Tensor], slope: int, dims: List[int]) -> Tensor:
    """Gated linear unit (arXiv 2002.05202): the activation of the gate times the other half."""
    gate, up = torch.chunk(h_T2F, 2, -1)
    learned: Optional[Tensor] = None
    if dims[18] > 0:
        learned = weights[slope]
    return activate(gate, learned) * up


def route(
    x_TD: Tensor, router_ED: Tensor, bias_E: Tensor, dims: List[int], consts: List[float]
) -> Tuple[Tensor, Tensor, Tensor]:
    """Gates [T, K], chosen experts [T, K] and affinities [T, E] (section 2.1.2)."""
    return _routed(torch.linear(x_TD, router_ED), bias_E, dims, consts)


def _routed(
    logits_TE: Tensor, bias_E: Tensor, dims: List[int], consts: List[float]
) -> Tuple[Tensor, Tensor, Tensor]:
    scores_TE = torch.sigmoid(logits_TE)
    chosen = _select(scores_TE.detach() + bias_E, dims)
    gates_TK = torch.gather(scores_TE, 1, chosen)
    if dims[14] > 0:
        gates_TK = gates_TK / (torch.sum(gates_TK, [-1], True) + 1e-20)
    return gates_TK * consts[2], chosen, scores_TE


def _select(biased_TE: Tensor, dims: List[int]) -> Tensor:
    """The K experts of the best groups; a group counts by its two best experts."""
    groups = dims[10]
    candidates = biased_TE
    if groups > 1:
        tokens = torch.size(biased_TE, 0)
        grouped = torch.view(biased_TE, [tokens, groups, -1])
        best_two, _unused = torch.topk(grouped, 2, -1)
        group_scores = torch.sum(best_two, [-1])
        _scores, kept = torch.topk(group_scores, dims[11], -1)
        dropped = torch.scatter(torch.ones_like(group_scores), 1, kept, 0.0)
        mask = torch.unsqueeze(dropped, -1) > 0.5
        candidates = torch.view(torch.masked_fill(grouped, mask, float("-inf")), [tokens, -1])
    _values, chosen = torch.topk(candidates, dims[9], -1)
    return chosen


def _route_layer(
    x_TD: Tensor, weights: List[Tensor], at: int, bias_E: Tensor, dims: List[int], consts: List[float]
) -> Tuple[Tensor, Tensor, Tensor]:
    """As route, with the router and its learned bias of the layer whose norm is at `at`."""
    learned = at + 6
    if dims[16] > 0:
        learned = learned + 4
    logits_TE = _plus(torch.linear(x_TD, weights[at + 1]), weights, learned, dims[17])
    return _routed(logits_TE, bias_E, dims, consts)


def _experts(
    x_TD: Tensor, gates_TK: Tensor, chosen_TK: Tensor, weights: List[Tensor], at: int, dims: List[int]
) -> Tensor:
    """Routed experts plus the shared one, no token dropped; `at` is the router's place."""
    slope = at + _feed_forward_size(dims, True) - 2
    flat = torch.flatten(chosen_TK)
    order = torch.argsort(flat, dim=0, stable=True)
    counts_E = torch.bincount(flat, None, dims[8])
    sizes: List[int] = []
    for e in range(dims[8]):
        sizes.append(int(counts_E[e]))
    sources = torch.div(order, dims[9], rounding_mode="floor")
    rows = torch.split_with_sizes(torch.index_select(x_TD, 0, sources), sizes, 0)
    gate_up = torch.unbind(weights[at + 1], 0)
    hidden: List[Tensor] = []
    for e in range(dims[8]):
        hidden.append(torch.mm(rows[e], torch.t(gate_up[e])))
    hidden_P = torch.cat(hidden)
    experts_P = torch.index_select(flat, 0, order)
    if dims[16] > 0:
        hidden_P = hidden_P + torch.index_select(weights[at + 5], 0, experts_P)
    active = torch.split_with_sizes(_gated(hidden_P, weights, slope, dims), sizes, 0)
    down = torch.unbind(weights[at + 2], 0)
    outs: List[Tensor] = []
    for e in range(dims[8]):
        outs.append(torch.mm(active[e], torch.t(down[e])))
    outs_P = torch.cat(outs)
    if dims[16] > 0:
        outs_P = outs_P + torch.index_select(weights[at + 6], 0, experts_P)
    weighted = outs_P * torch.unsqueeze(torch.index_select(torch.flatten(gates_TK), 0, order), 1)
    return torch.index_add(_shared_expert(x_TD, weights, at, dims), 0, sources, weighted)


def _shared_expert(x_TD: Tensor, weights: List[Tensor], at: int, dims: List[int]) -> Tensor:
    hidden = _plus(torch.linear(x_TD, weights[at + 3]), weights, at + 7, dims[16])
    active = _gated(hidden, weights, at + _feed_forward_size(dims, True) - 2, dims)
    return _plus(torch.linear(active, weights[at + 4]), weights, at + 8, dims[16])


def _counts(
    scores_TE: Tensor, chosen_TK: Tensor, counted_T1: Tensor, documents_T: Tensor, documents: int, dims: List[int]
) -> Tuple[Tensor, Tensor]:
    """Tokens of each document that each expert got, [S, E], and all of the document's, at least 1, [S, 1]; only
    tokens that count."""
    zeros_SE = torch.zeros([documents, dims[8]], dtype=scores_TE.dtype, device=scores_TE.device)
    zeros_S1 = torch.zeros([documents, 1], dtype=scores_TE.dtype, device=scores_TE.device)
    lengths_S1 = torch.clamp(torch.index_add(zeros_S1, 0, documents_T, counted_T1), 1.0)
    picked_TE = torch.scatter(torch.zeros_like(scores_TE), 1, chosen_TK, 1.0) * counted_T1
    return torch.index_add(zeros_SE, 0, documents_T, picked_TE), lengths_S1


def _balance(
    scores_TE: Tensor, chosen_TK: Tensor, counted_T1: Tensor, documents_T: Tensor, documents: int, dims: List[int]
) -> Tuple[Tensor, Tensor]:
    """Load of each expert, and the sequence-wise balance loss summed over documents, without alpha
    (equations 17 to 20, with the experts that were chosen, selection biases and groups included); only tokens
    that count."""
    counts_SE, lengths_S1 = _counts(scores_TE, chosen_TK, counted_T1, documents_T, documents, dims)
    shares_TE = scores_TE * (counted_T1 / torch.sum(scores_TE, [-1], True))
    p_SE = torch.index_add(torch.zeros_like(counts_SE), 0, documents_T, shares_TE) / lengths_S1
    loss = torch.sum(counts_SE / lengths_S1 * p_SE) * (float(dims[8]) / float(dims[9]))
    return torch.sum(counts_SE, [0]), loss


def _mlp(x_TD: Tensor, weights: List[Tensor], at: int, dims: List[int], consts: List[float]) -> Tensor:
    h_TD = _rms(x_TD, weights[at], consts[0])
    hidden = _plus(torch.linear(h_TD, weights[at + 1]), weights, at + 3, dims[16])
    active = _gated(hidden, weights, at + _feed_forward_size(dims, False) - 1, dims)
    return _plus(torch.linear(active, weights[at + 2]), weights, at + 4, dims[16])


def _layer(
    x_TD: Tensor, weights: List[Tensor], at: int, moe: bool, bias_E: Tensor, rotations: Tensor,
    counted_T1: Tensor, documents_T: Tensor, documents: int, spans: List[int], dims: List[int], consts: List[float]
) -> Tuple[Tensor, Tensor, Tensor]:
    """A decoder block; with the load of its experts and its balance loss (empty for a dense one, and if there
    are no `documents` to balance)."""
    q_nope, q_rope, latent, k_rope = _queries_and_latents(x_TD, weights, at, rotations, dims, consts)
    x = x_TD + _naive_attention(q_nope, q_rope, latent, k_rope, weights, at, spans, dims, consts)
    ffn = at + _attention_size(dims)
    if moe:
        h_TD = _rms(x, weights[ffn], consts[0])
        gates, chosen, scores = _route_layer(h_TD, weights, ffn, bias_E, dims, consts)
        y = x + _experts(h_TD, gates, chosen, weights, ffn + 1, dims)
        if documents > 0:
            load, balance = _balance(scores, chosen, counted_T1, documents_T, documents, dims)
            return y, load, balance
        return y, torch.zeros([0]), torch.zeros([0])
    return x + _mlp(x, weights, ffn, dims, consts), torch.zeros([0]), torch.zeros([0])


def _feed_forward_size(dims: List[int], moe: bool) -> int:
    """Learned tensors of a feed-forward layer, its norm included; a PReLU's slope is the last one."""
    size = 3
    if dims[16] > 0:
        size = size + 2
    if moe:
        size = 6
        if dims[16] > 0:
            size = size + 4
        if dims[17] > 0:
            size = size + 1
    if dims[18] > 0:
        size = size + 1
    return size


def _layer_size(dims: List[int], moe: bool) -> int:
    return _attention_size(dims) + _feed_forward_size(dims, moe)


def _documents(starts: List[int], like: Tensor) -> Tensor:
    parts: List[Tensor] = []
    for i in range(len(starts) - 1):
        parts.append(torch.full([starts[i + 1] - starts[i]], i, dtype=torch.int64, device=like.device))
    return torch.cat(parts)


def _shifted(values_T: Tensor, starts: List[int], fill: int) -> Tensor:
    """values[t + 1] where t + 1 is in the same document, else fill."""
    shifted = torch.roll(values_T, -1, 0)
    ends = torch.tensor(starts[1:], device=values_T.device) - 1
    return torch.index_fill(shifted, 0, ends, fill)


def _head(weights: List[Tensor], dims: List[int]) -> Tensor:
    head = weights[0]
    if dims[13] == 0:
        head = weights[2]
    return head


def _mtp_layer(
    h_TD: Tensor, next_T: Tensor, weights: List[Tensor], at: int, bias_E: Tensor, rotations: Tensor,
    counted_T1: Tensor, documents_T: Tensor, documents: int, spans: List[int], dims: List[int],
    consts: List[float]
) -> Tuple[Tensor, Tensor, Tensor]:
    """An MTP module up to its last norm (section 2.2): what came before it, joined with the tokens ahead."""
    embedded = _rms(torch.embedding(weights[0], next_T), weights[at], consts[0])
    joined = torch.cat([embedded, _rms(h_TD, weights[at + 1], consts[0])], -1)
    x = torch.linear(joined, weights[at + 2])
    return _layer(
        x, weights, at + 3, True, bias_E, rotations, counted_T1, documents_T, documents, spans, dims, consts)


def _forward(
    weights: List[Tensor], biases: List[Tensor], ids_T: Tensor, starts: List[int], spans: List[int],
    balanced: bool, dims: List[int], consts: List[float]
) -> Tuple[Tensor, List[Tensor], List[Tensor], List[Tensor]]:
    """Hidden states after the final norm; those of the MTP modules; loads; balance losses. The last two only
    if somebody reads them."""
    x = torch.embedding(weights[0], ids_T)
    rotations = _rotations(_positions(spans, x), consts, x)
    documents_T = _documents(starts, x)
    documents = 0
    if balanced:
        documents = len(starts) - 1
    counted = torch.ones([torch.size(x, 0), 1], dtype=x.dtype, device=x.device)
    loads: List[Tensor] = []
    balances: List[Tensor] = []
    at = 3 - dims[13]
    moe_layers = 0
    for layer in range(dims[0]):
        moe = layer >= dims[1]
        bias = biases[moe_layers] if moe else ids_T
        x, load, balance = _layer(
            x, weights, at, moe, bias, rotations, counted, documents_T, documents, spans, dims, consts)
        at = at + _layer_size(dims, moe)
        if moe:
            loads.append(load)
            balances.append(balance)
            moe_layers = moe_layers + 1
    final = _rms(x, weights[1], consts[0])
    # Multi-token prediction (section 2.2): module k sees the token k places ahead in the span. The last k tokens
    # of a span have none and see token 0; nothing after them in their span sees them. The last k of a document
    # do not count; where attention crosses documents, those after it see them, made from the tokens that follow.
    ahead: List[Tensor] = []
    h = final
    next_ids = ids_T
    for _k in range(dims[12]):
        next_ids = _shifted(next_ids, spans, 0)
        counted = _shifted(counted, starts, 0)
        x, load, balance = _mtp_layer(
            h, next_ids, weights, at, biases[moe_layers], rotations, counted, documents_T, documents, spans, dims,
            consts)
        at = at + 3 + _layer_size(dims, True)
        loads.append(load)
        balances.append(balance)
        moe_layers = moe_layers + 1
        h = x
        ahead.append(_rms(x, weights[at], consts[0]))
        at = at + 1
    return final, ahead, loads, balances


def _loss_sum(h_TD: Tensor, head_VD: Tensor, targets_T: Tensor) -> Tensor:
    return torch.cross_entropy_loss(torch.linear(h_TD, head_VD), targets_T, None, 2, -100)


def _piece() -> int:
    """Tokens whose logits are in memory at a time where not all of them are asked for."""
    return 256


def _for_piece(h_TD: Tensor, head_VD: Tensor) -> Tensor:
    """Memory for the logits of a piece, [P, V]; all pieces use the same, because fresh pages take long and the
    allocator seldom fits a block of that size into one that it was given back."""
    return torch.empty(
        [min(_piece(), torch.size(h_TD, 0)), torch.size(head_VD, 0)], dtype=h_TD.dtype, device=h_TD.device)


def _piece_loss(h_PD: Tensor, head_VD: Tensor, targets_P1: Tensor, logits_PV: Tensor, p_PV: Tensor) -> Tensor:
    """As _loss_sum without autograd; logits and probabilities are left in the last two."""
    torch.mm(h_PD, torch.t(head_VD), out=logits_PV)
    torch.softmax(logits_PV, -1, out=p_PV)
    # The largest logit has the probability 1 / sum of exponentials.
    logs_P1 = torch.gather(logits_PV, 1, torch.clamp(targets_P1, 0)) - torch.amax(logits_PV, [-1], True)
    logs_P1 = logs_P1 + torch.log(torch.amax(p_PV, [-1], True))
    return torch.neg(torch.sum(logs_P1 * (targets_P1 >= 0).to(h_PD.dtype)))


def _loss_sum_by_pieces(h_TD: Tensor, head_VD: Tensor, targets_T: Tensor) -> Tensor:
    """As _loss_sum without autograd, added up in float64."""
    tokens = torch.size(h_TD, 0)
    logits_PV = _for_piece(h_TD, head_VD)
    p_PV = torch.empty_like(logits_PV)
    loss = torch.zeros([], dtype=torch.float64, device=h_TD.device)
    for first in range(0, tokens, _piece()):
        count = min(_piece(), tokens - first)
        loss = loss + _piece_loss(
            torch.narrow(h_TD, 0, first, count), head_VD,
            torch.unsqueeze(torch.narrow(targets_T, 0, first, count), 1), torch.narrow(logits_PV, 0, 0, count),
            torch.narrow(p_PV, 0, 0, count)).to(torch.float64)
    return loss


def _likeliest(h_TD: Tensor, head_VD: Tensor) -> Tensor:
    """Token of the largest logit, [T]; without autograd."""
    tokens = torch.size(h_TD, 0)
    logits_PV = _for_piece(h_TD, head_VD)
    parts: List[Tensor] = []
    for first in range(0, tokens, _piece()):
        count = min(_piece(), tokens - first)
        logits = torch.narrow(logits_PV, 0, 0, count)
        torch.mm(torch.narrow(h_TD, 0, first, count), torch.t(head_VD), out=logits)
        parts.append(torch.argmax(logits, -1))
    return torch.cat(parts)


def _losses(
    weights: List[Tensor], biases: List[Tensor], ids: Tensor, starts: List[int], spans: List[int],
    mask: Tensor, normalisers: List[float], dims: List[int], consts: List[float]
) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    ids_T = ids.to(torch.int64)
    targets = _shifted(torch.masked_fill(ids_T, mask == 0, -100), starts, -100)
    final, ahead, loads, balances = _forward(weights, biases, ids_T, starts, spans, True, dims, consts)
    head = _head(weights, dims)
    main = _loss_sum(final, head, targets) / normalisers[0]
    mtp = torch.zeros_like(main)
    for k in range(len(ahead)):
        targets = _shifted(targets, starts, -100)
        mtp = mtp + _loss_sum(ahead[k], head, targets) / normalisers[1 + k]
    if len(ahead) > 0:
        mtp = mtp / float(len(ahead))
    balance = torch.zeros_like(main)
    for b in balances:
        balance = balance + b / float(normalisers[-1])
    if len(loads) > 0:
        return main, mtp, balance, torch.stack(loads)
    return main, mtp, balance, torch.zeros([0, 0])


def training_loss(
    weights: List[Tensor], biases: List[Tensor], ids: Tensor, starts: List[int], spans: List[int],
    mask: Tensor, normalisers: List[float], loss_weights: List[float], dims: List[int], consts: List[float]
) -> Tensor:
    """What training_step takes the gradients of."""
    main, mtp, balance, _loads = _losses(weights, biases, ids, starts, spans, mask, normalisers, dims, consts)
    return main + loss_weights[0] * mtp + loss_weights[1] * balance


def training_step(
    weights: List[Tensor],
    biases: List[Tensor],
    ids: Tensor,  # int32 [T]
    starts: List[int],
    spans: List[int],
    mask: Tensor,  # uint8 [T]: 1 where the token may be a target
    normalisers: List[float],  # targets of the main head, of each MTP module, documents
    loss_weights: List[float],  # of the MTP loss, of the balance loss
    dims: List[int],
    consts: List[float],
) -> Tuple[Tensor, Tensor, List[Tensor]]:
    """Losses [3] (main, MTP, balance), loads [M, E] and the gradient of every weight."""
    leaves: List[Tensor] = []
    for w in weights:
        leaves.append(w.detach().requires_grad_())
    main, mtp, balance, loads = _losses(leaves, biases, ids, starts, spans, mask, normalisers, dims, consts)
    total = main + loss_weights[0] * mtp + loss_weights[1] * balance
    gradients: List[Tensor] = []
    found = torch.grad([total], leaves, None, None, False, True)
    for i in range(len(leaves)):
        g = found[i]
        if g is None:
            gradients.append(torch.zeros_like(leaves[i]))
        else:
            gradients.append(g)
    return torch.stack([main.detach(), mtp.detach(), balance.detach()]), loads, gradients


def evaluate(
    weights: List[Tensor], biases: List[Tensor], ids: Tensor, starts: List[int], spans: List[int],
    mask: Tensor, dims: List[int], consts: List[float]
) -> Tensor:
    """Sum of -log p over the targets, float64."""
    ids_T = ids.to(torch.int64)
    targets = _shifted(torch.masked_fill(ids_T, mask == 0, -100), starts, -100)
    no_mtp = dims[:12] + [0] + dims[13:]
    final, _ahead, _loads, _balances = _forward(weights, biases, ids_T, starts, spans, False, no_mtp, consts)
    return _loss_sum_by_pieces(final, _head(weights, dims), targets)


def logits(
    weights: List[Tensor], biases: List[Tensor], ids: Tensor, starts: List[int],
    dims: List[int], consts: List[float]
) -> Tuple[Tensor, List[Tensor]]:
    """Logits [T, V] of the main head and of every MTP module."""
    final, ahead, _loads, _balances = _forward(weights, biases, ids.to(torch.int64), starts, starts, False, dims, consts)
    head = _head(weights, dims)
    further: List[Tensor] = []
    for h in ahead:
        further.append(torch.linear(h, head))
    return torch.linear(final, head), further


def accepted_drafts(
    weights: List[Tensor], biases: List[Tensor], ids: Tensor, starts: List[int], spans: List[int],
    mask: Tensor, dims: List[int], consts: List[float]
) -> Tensor:
    """How many of each MTP module's greedy tokens the main head gives too, int64 [modules].

    Module k drafts the token k + 1 places ahead; the main head says it k places later. Only drafts of targets count.
    """
    ids_T = ids.to(torch.int64)
    targets = _shifted(torch.masked_fill(ids_T, mask == 0, -100), starts, -100)
    final, ahead, _loads, _balances = _forward(weights, biases, ids_T, starts, spans, False, dims, consts)
    head = _head(weights, dims)
    said = _likeliest(final, head)
    accepted = torch.zeros([len(ahead)], dtype=torch.int64, device=ids.device)
    for k in range(len(ahead)):
        targets = _shifted(targets, starts, -100)
        said = _shifted(said, starts, -1)
        drafted = _likeliest(ahead[k], head)
        accepted[k] = torch.sum((drafted == said) & (targets >= 0))
    return accepted


def update_biases(biases: List[Tensor], loads: Tensor, speed: float) -> List[Tensor]:
    """Moves every bias by `speed` towards an even load (section 2.1.2, auxiliary-loss-free)."""
    for i in range(len(biases)):
        load = loads[i].to(biases[i].dtype)
        biases[i].add_(torch.sign(torch.mean(load) - load), alpha=speed)
    return biases


def prefill(
    weights: List[Tensor], biases: List[Tensor], ids: Tensor,
    latents: Tensor,  # [L, P, C], written from position 0
    keys: Tensor,  # [L, P, R]
    dims: List[int], consts: List[float]
) -> Tensor:
    """Logits [V] after a prompt; fills the latent cache."""
    tokens = torch.size(ids, 0)
    spans = [0, tokens]
    x = torch.embedding(weights[0], ids.to(torch.int64))
    rotations = _rotations(torch.arange(tokens, device=x.device), consts, x)
    at = 3 - dims[13]
    for layer in range(dims[0]):
        q_nope, q_rope, latent, k_rope = _queries_and_latents(x, weights, at, rotations, dims, consts)
        latents[layer, :tokens].copy_(latent)
        keys[layer, :tokens].copy_(k_rope)
        x = x + _naive_attention(q_nope, q_rope, latent, k_rope, weights, at, spans, dims, consts)
        ffn = at + _attention_size(dims)
        moe = layer >= dims[1]
        if moe:
            h = _rms(x, weights[ffn], consts[0])
            gates, chosen, _scores = _route_layer(h, weights, ffn, biases[layer - dims[1]], dims, consts)
            x = x + _experts(h, gates, chosen, weights, ffn + 1, dims)
        else:
            x = x + _mlp(x, weights, ffn, dims, consts)
        at = at + _layer_size(dims, moe)
    last = _rms(x[-1:], weights[1], consts[0])
    return torch.squeeze(torch.linear(last, _head(weights, dims)), 0)


def _absorbed_attention(
    q_nope: Tensor, q_rope: Tensor, latents_PC: Tensor, keys_PR: Tensor, weights: List[Tensor], at: int,
    dims: List[int], consts: List[float]
) -> Tensor:
    """One token attends the cache without making keys and values of any head (section 2.1.1)."""
    kv = at + _attention_weights(dims) - 4
    up_k, up_v = torch.split_with_sizes(
        torch.view(weights[kv + 2], [dims[2], dims[3] + dims[5], dims[6]]), [dims[3], dims[5]], 1)
    q_HC = torch.squeeze(torch.bmm(torch.transpose(q_nope, 0, 1), up_k), 1)
    q_HR = torch.squeeze(q_rope, 0)
    scores_HP = torch.mm(q_HC, torch.t(latents_PC)) + torch.mm(q_HR, torch.t(keys_PR))
    p_HP = torch.softmax(scores_HP * consts[3], -1)
    o_HC = torch.mm(p_HP, latents_PC)
    o_HU = torch.bmm(torch.unsqueeze(o_HC, 1), torch.transpose(up_v, 1, 2))
    o_1D = torch.linear(torch.view(o_HU, [1, -1]), weights[kv + 3])
    return _plus(o_1D, weights, at + _attention_size(dims) - 1, dims[15])


def _gathered_experts(
    x_1D: Tensor, gates: Tensor, chosen_K: Tensor, weights: List[Tensor], at: int, slope: int, dims: List[int]
) -> Tensor:
    """Sum of the chosen experts. Their weights are copied, because a device that had to tell the processor which
    they are would stand still in every layer."""
    gate_up = torch.index_select(weights[at + 1], 0, chosen_K)
    h_K12F = torch.matmul(x_1D, torch.transpose(gate_up, 1, 2))
    if dims[16] > 0:
        h_K12F = h_K12F + torch.unsqueeze(torch.index_select(weights[at + 5], 0, chosen_K), 1)
    down = torch.index_select(weights[at + 2], 0, chosen_K)
    o_K1D = torch.bmm(_gated(h_K12F, weights, slope, dims), torch.transpose(down, 1, 2))
    if dims[16] > 0:
        o_K1D = o_K1D + torch.unsqueeze(torch.index_select(weights[at + 6], 0, chosen_K), 1)
    return torch.sum(o_K1D * torch.reshape(gates, [-1, 1, 1]), [0])


def _experts_of_one(
    x_1D: Tensor, gates: Tensor, chosen: Tensor, weights: List[Tensor], at: int, dims: List[int]
) -> Tensor:
    """As _experts for a single token: only the chosen experts' weights are read."""
    slope = at + _feed_forward_size(dims, True) - 2
    y = _shared_expert(x_1D, weights, at, dims)
    if x_1D.is_cuda:
        return y + _gathered_experts(x_1D, gates, torch.squeeze(chosen, 0), weights, at, slope, dims)
    for k in range(dims[9]):
        e = int(chosen[0, k])
        h = torch.linear(x_1D, weights[at + 1][e])
        if dims[16] > 0:
            h = h + weights[at + 5][e]
        o = torch.linear(_gated(h, weights, slope, dims), weights[at + 2][e])
        if dims[16] > 0:
            o = o + weights[at + 6][e]
        y = y + o * gates[0, k]
    return y


def decode(
    weights: List[Tensor], biases: List[Tensor], token: int, position: int,
    latents: Tensor, keys: Tensor, dims: List[int], consts: List[float]
) -> Tensor:
    """Logits [V] after one more token; adds it to the latent cache."""
    x = torch.unsqueeze(weights[0][token], 0)
    rotations = _rotations(torch.full([1], position, dtype=torch.int64, device=x.device), consts, x)
    at = 3 - dims[13]
    for layer in range(dims[0]):
        q_nope, q_rope, latent, k_rope = _queries_and_latents(x, weights, at, rotations, dims, consts)
        latents[layer, position:position + 1].copy_(latent)
        keys[layer, position:position + 1].copy_(k_rope)
        x = x + _absorbed_attention(
            q_nope, q_rope, latents[layer, :position + 1], keys[layer, :position + 1], weights, at, dims, consts)
        ffn = at + _attention_size(dims)
        moe = layer >= dims[1]
        if moe:
            h = _rms(x, weights[ffn], consts[0])
            gates, chosen, _scores = _route_layer(h, weights, ffn, biases[layer - dims[1]], dims, consts)
            x = x + _experts_of_one(h, gates, chosen, weights, ffn + 1, dims)
        else:
            x = x + _mlp(x, weights, ffn, dims, consts)
        at = at + _layer_size(dims, moe)
    return torch.squeeze(torch.linear(_rms(x, weights[1], consts[0]), _head(weights, dims)), 0)


def accumulate(totals: List[Tensor], parts: List[Tensor]) -> List[Tensor]:
    torch._foreach_add_(totals, parts)
    return totals
