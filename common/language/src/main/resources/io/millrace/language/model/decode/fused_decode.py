# One token through the decoder in as few operations as it takes: what decoder.py's decode computes, on vectors.
# Compiled together with decoder.py; the legend of weights.py holds here too.
#
# With one token an operation costs more to start than to run. So the reciprocal of a norm and the gate of an
# expert are plain numbers that the matrix product applies as its factor, and products add to the residual.
#
# A model larger than the processor's cache comes from memory once a token, and a product of a matrix and a vector
# reads several rows at a time, which processors prefetch badly (8 of the 27 GB/s of one core that the sum of all
# values gets). So `seen`, where it holds a tensor, receives the sum of each matrix just before its product: what
# counts is that the matrix is in the cache then. It is an argument because nothing else keeps the sum from being
# left out as dead code.
import torch
from torch import Tensor
from typing import List


def _reciprocal_rms(x_D: Tensor, eps: float) -> float:
    return (float(torch.dot(x_D, x_D)) / float(torch.numel(x_D)) + eps) ** -0.5


def _read_(matrix: Tensor, seen: List[Tensor]) -> None:
    if len(seen) > 0:
        torch.sum(matrix, dtype=None, out=seen[0])


def _product(matrix_OI: Tensor, x_I: Tensor, factor: float, seen: List[Tensor]) -> Tensor:
    out_O = torch.empty([torch.size(matrix_OI, 0)], dtype=x_I.dtype, device=x_I.device)
    # Half a megabyte at once stays in the nearest cache that counts.
    piece = 131072
    if len(seen) == 0 or torch.numel(matrix_OI) <= piece:
        _read_(matrix_OI, seen)
        return out_O.addmv_(matrix_OI, x_I, beta=0, alpha=factor)
    rows = max(1, piece // torch.size(matrix_OI, 1))
    pieces = torch.split(matrix_OI, rows, 0)
    outs = torch.split(out_O, rows, 0)
    for i in range(len(pieces)):
        _read_(pieces[i], seen)
        outs[i].addmv_(pieces[i], x_I, beta=0, alpha=factor)
    return out_O


def _turned(x_HR: Tensor, rotation_R: Tensor) -> Tensor:
    """RoPE in place; rotation [R / 2] complex."""
    pairs = torch.view_as_complex(torch.unflatten(x_HR, -1, [-1, 2]))
    pairs.mul_(rotation_R)
    return x_HR


def _query(h_D: Tensor, factor: float, attention: Attention, seen: List[Tensor]) -> Tensor:
    """[H W]"""
    compression = attention.compression
    if compression is not None:
        low = _product(compression.down_QD, h_D, factor, seen)
        h_D = low * compression.norm_Q
        factor = _reciprocal_rms(low, 1e-6)
    return _product(attention.query, h_D, factor, seen)


def _over_cache(
    q_HW: Tensor, attention: Attention, rotation_R: Tensor, cache: Cache, seen: List[Tensor], shape: Shape
) -> Tensor:
    """What the heads get from the cache, [H, 1, U] (section 2.1.1, absorbed)."""
    q_nope, q_rope = torch.split_with_sizes(q_HW, [shape.nope_width, shape.rope_width], 1)
    _turned(q_rope, rotation_R)
    seen_PC = torch.narrow(cache.latents_PC, 0, 0, cache.position + 1)
    seen_PR = torch.narrow(cache.keys_PR, 0, 0, cache.position + 1)
    _read_(attention.key_and_value, seen)
    up_k, up_v = torch.split_with_sizes(
        torch.view(
            attention.key_and_value, [shape.heads, shape.nope_width + shape.value_width, shape.latent_width]),
        [shape.nope_width, shape.value_width], 1)
    q_HC = torch.squeeze(torch.bmm(torch.unsqueeze(q_nope, 1), up_k), 1)
    scores_HP = torch.mm(q_rope, torch.t(seen_PR)).addmm_(
        q_HC, torch.t(seen_PC), beta=shape.attention_scale, alpha=shape.attention_scale)
    o_HC = torch.mm(torch.softmax(scores_HP, -1), seen_PC)
    # As rows: the product of many matrices with a column each has no fast kernel.
    return torch.bmm(torch.unsqueeze(o_HC, 1), torch.transpose(up_v, 1, 2))


def _attend_cache_(
    x_D: Tensor, attention: Attention, rotation_R: Tensor, cache: Cache, seen: List[Tensor], shape: Shape
) -> Tensor:
    """Adds to x what the token gets from the cache, itself included."""
    factor = _reciprocal_rms(x_D, shape.eps)
    h_D = x_D * attention.norm_D
    q_HW = torch.view(_query(h_D, factor, attention, seen), [shape.heads, -1])
    latent, key = torch.split_with_sizes(
        _product(attention.latent_and_key, h_D, factor, seen), [shape.latent_width, shape.rope_width])
    torch.mul(
        latent * _reciprocal_rms(latent, 1e-6), attention.latent_norm_C,
        out=torch.select(cache.latents_PC, 0, cache.position))
    torch.select(cache.keys_PR, 0, cache.position).copy_(_turned(key, rotation_R))
    o_H1U = _over_cache(q_HW, attention, rotation_R, cache, seen, shape)
    _read_(attention.output, seen)
    return x_D.addmv_(attention.output, torch.flatten(o_H1U))


def _choose(logits_E: Tensor, bias_E: Tensor, gates: List[float], shape: Shape) -> List[int]:
    """The K experts; appends their gates."""
    scores_E = torch.sigmoid_(logits_E)
    chosen_K = torch.squeeze(_select(torch.unsqueeze(scores_E + bias_E, 0), shape), 0)
    picked: List[float] = torch.index_select(scores_E, 0, chosen_K).tolist()
    total = 1.0
    if shape.gates_normalised:
        total = 1e-20
        for s in picked:
            total = total + s
    for s in picked:
        gates.append(s * shape.gate_scale / total)
    chosen: List[int] = chosen_K.tolist()
    return chosen


def _add_swiglu_(
    x_D: Tensor, gate_up_T2F: Tensor, downs: List[Tensor], factors: List[float], seen: List[Tensor]
) -> Tensor:
    """Adds to x every row's hidden values through its own matrix."""
    gate, up = torch.chunk(gate_up_T2F, 2, -1)
    rows = torch.unbind(torch.silu(gate).mul_(up), 0)
    for i in range(len(downs)):
        _read_(downs[i], seen)
        x_D.addmv_(downs[i], rows[i], beta=1, alpha=factors[i])
    return x_D


def _add_unit_(
    x_D: Tensor, h_D: Tensor, factor: float, unit: GatedUnit, seen: List[Tensor]
) -> Tensor:
    hidden_2F = _product(unit.gate_up, h_D, factor, seen)
    return _add_swiglu_(x_D, torch.unsqueeze(hidden_2F, 0), [unit.down_DF], [1.0], seen)


def _add_experts_(x_D: Tensor, experts: Experts, seen: List[Tensor], shape: Shape) -> Tensor:
    """Adds to x the chosen experts and the shared one."""
    factor = _reciprocal_rms(x_D, shape.eps)
    h_D = x_D * experts.norm_D
    gates: List[float] = []
    logits_E = _product(experts.router_ED, h_D, factor, seen)
    chosen = _choose(logits_E, experts.selection_bias_E, gates, shape)
    hidden_K2F = torch.empty(
        [shape.chosen_experts, torch.size(experts.gate_up, 1)], dtype=x_D.dtype, device=x_D.device)
    rows = torch.unbind(hidden_K2F, 0)
    downs: List[Tensor] = []
    for k in range(shape.chosen_experts):
        gate_up = torch.select(experts.gate_up, 0, chosen[k])
        _read_(gate_up, seen)
        rows[k].addmv_(gate_up, h_D, beta=0, alpha=factor)
        downs.append(torch.select(experts.down_EDF, 0, chosen[k]))
    # x was the input of all of these: it changes only now.
    _add_unit_(x_D, h_D, factor, experts.shared, seen)
    return _add_swiglu_(x_D, hidden_K2F, downs, gates, seen)


def fused_decode(
    weights: Weights,
    token: int,
    position: int,
    latents: Tensor,
    keys: Tensor,
    seen: List[Tensor],  # a scalar that is overwritten; nothing for a model that the cache holds
    shape: Shape,
) -> Tensor:
    """Logits [V] after one more token; adds it to the latent cache. The same as decode."""
    x_D = torch.select(weights.embedding_VD, 0, token).clone()
    at = torch.full([1], position, dtype=torch.int64, device=x_D.device)
    rotation_R = torch.squeeze(_rotations(at, shape, x_D), 0)
    layers_PC = torch.unbind(latents, 0)
    layers_PR = torch.unbind(keys, 0)
    for i, layer in enumerate(weights.layers):
        cache = Cache(layers_PC[i], layers_PR[i], position)
        _attend_cache_(x_D, layer.attention, rotation_R, cache, seen, shape)
        mlp = layer.mlp
        if mlp is not None:
            _add_unit_(x_D, x_D * mlp.norm_D, _reciprocal_rms(x_D, shape.eps), mlp.unit, seen)
        experts = layer.experts
        if experts is not None:
            _add_experts_(x_D, experts, seen, shape)
    return _product(weights.head_VD, x_D * weights.norm_D, _reciprocal_rms(x_D, shape.eps), seen)
