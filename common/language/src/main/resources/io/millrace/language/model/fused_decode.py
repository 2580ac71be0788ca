# One token through the decoder in as few operations as it takes: what decoder.py's decode computes, on vectors.
# Compiled together with decoder.py, whose legend holds here too.
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


def _attend_cache_(
    x_D: Tensor, weights: List[Tensor], at: int, rotation_R: Tensor, latents_PC: Tensor, keys_PR: Tensor,
    position: int, seen: List[Tensor], dims: List[int], consts: List[float]
) -> Tensor:
    """Adds to x what the token gets from the cache, itself included (section 2.1.1, absorbed)."""
    heads = dims[2]
    kv = at + _attention_weights(dims) - 4
    factor = _reciprocal_rms(x_D, consts[0])
    h_D = x_D * weights[at]
    if dims[7] > 0:
        low = _product(weights[at + 1], h_D, factor, seen)
        q = _product(weights[at + 3], low * weights[at + 2], _reciprocal_rms(low, 1e-6), seen)
    else:
        q = _product(weights[at + 1], h_D, factor, seen)
    q_nope, q_rope = torch.split_with_sizes(torch.view(q, [heads, -1]), [dims[3], dims[4]], 1)
    _turned(q_rope, rotation_R)
    latent, key = torch.split_with_sizes(_product(weights[kv], h_D, factor, seen), [dims[6], dims[4]])
    torch.mul(
        latent * _reciprocal_rms(latent, 1e-6), weights[kv + 1], out=torch.select(latents_PC, 0, position))
    torch.select(keys_PR, 0, position).copy_(_turned(key, rotation_R))
    seen_PC = torch.narrow(latents_PC, 0, 0, position + 1)
    seen_PR = torch.narrow(keys_PR, 0, 0, position + 1)
    _read_(weights[kv + 2], seen)
    up_k, up_v = torch.split_with_sizes(
        torch.view(weights[kv + 2], [heads, dims[3] + dims[5], dims[6]]), [dims[3], dims[5]], 1)
    q_HC = torch.squeeze(torch.bmm(torch.unsqueeze(q_nope, 1), up_k), 1)
    scores_HP = torch.mm(q_rope, torch.t(seen_PR)).addmm_(
        q_HC, torch.t(seen_PC), beta=consts[3], alpha=consts[3])
    o_HC = torch.mm(torch.softmax(scores_HP, -1), seen_PC)
    # As rows: the product of many matrices with a column each has no fast kernel.
    o_HU = torch.bmm(torch.unsqueeze(o_HC, 1), torch.transpose(up_v, 1, 2))
    _read_(weights[kv + 3], seen)
    return x_D.addmv_(weights[kv + 3], torch.flatten(o_HU))


def _choose(logits_E: Tensor, bias_E: Tensor, gates: List[float], dims: List[int], consts: List[float]) -> List[int]:
    """The K experts; appends their gates."""
    scores_E = torch.sigmoid_(logits_E)
    chosen_K = torch.squeeze(_select(torch.unsqueeze(scores_E + bias_E, 0), dims), 0)
    picked: List[float] = torch.index_select(scores_E, 0, chosen_K).tolist()
    total = 1.0
    if dims[14] > 0:
        total = 1e-20
        for s in picked:
            total = total + s
    for s in picked:
        gates.append(s * consts[2] / total)
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


def _add_experts_(
    x_D: Tensor, weights: List[Tensor], at: int, bias_E: Tensor, seen: List[Tensor], dims: List[int],
    consts: List[float]
) -> Tensor:
    """Adds to x the chosen experts and the shared one."""
    factor = _reciprocal_rms(x_D, consts[0])
    h_D = x_D * weights[at]
    gates: List[float] = []
    chosen = _choose(_product(weights[at + 1], h_D, factor, seen), bias_E, gates, dims, consts)
    hidden_K2F = torch.empty([dims[9], torch.size(weights[at + 2], 1)], dtype=x_D.dtype, device=x_D.device)
    rows = torch.unbind(hidden_K2F, 0)
    downs: List[Tensor] = []
    for k in range(dims[9]):
        gate_up = torch.select(weights[at + 2], 0, chosen[k])
        _read_(gate_up, seen)
        rows[k].addmv_(gate_up, h_D, beta=0, alpha=factor)
        downs.append(torch.select(weights[at + 3], 0, chosen[k]))
    shared = torch.unsqueeze(_product(weights[at + 4], h_D, factor, seen), 0)
    # x was the input of all of these: it changes only now.
    _add_swiglu_(x_D, shared, [weights[at + 5]], [1.0], seen)
    return _add_swiglu_(x_D, hidden_K2F, downs, gates, seen)


def fused_decode(
    weights: List[Tensor], biases: List[Tensor], token: int, position: int,
    latents: Tensor, keys: Tensor,
    seen: List[Tensor],  # a scalar that is overwritten; nothing for a model that the cache holds
    dims: List[int], consts: List[float]
) -> Tensor:
    """Logits [V] after one more token; adds it to the latent cache. The same as decode."""
    x_D = torch.select(weights[0], 0, token).clone()
    rotation_R = torch.squeeze(
        _rotations(torch.full([1], position, dtype=torch.int64, device=x_D.device), consts, x_D), 0)
    layers_PC = torch.unbind(latents, 0)
    layers_PR = torch.unbind(keys, 0)
    at = 3 - dims[13]
    for layer in range(dims[0]):
        _attend_cache_(x_D, weights, at, rotation_R, layers_PC[layer], layers_PR[layer], position, seen, dims, consts)
        ffn = at + _attention_size(dims)
        moe = layer >= dims[1]
        if moe:
            _add_experts_(x_D, weights, ffn, biases[layer - dims[1]], seen, dims, consts)
        else:
            hidden = _product(weights[ffn + 1], x_D * weights[ffn], _reciprocal_rms(x_D, consts[0]), seen)
            _add_swiglu_(x_D, torch.unsqueeze(hidden, 0), [weights[ffn + 2]], [1.0], seen)
        at = at + _layer_size(dims, moe)
    return _product(_head(weights, dims), x_D * weights[1], _reciprocal_rms(x_D, consts[0]), seen)
