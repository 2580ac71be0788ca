# Multi-head latent attention (arXiv 2412.19437, section 2.1.1), with keys and values made for every head, or a token
# of each sequence against its cache of latents. The legend of weights.py holds here, with B sequences.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional


class Cache(NamedTuple):
    """What a layer has seen of a sequence: written from a position on, from 0 for several tokens at once."""

    latents_PC: Tensor
    keys_PR: Tensor
    position: int


class Projected(NamedTuple):
    """Queries, and what the cache holds of a token."""

    q_nope_THN: Tensor
    q_rope_THR: Tensor
    latent_TC: Tensor
    key_TR: Tensor  # of all heads


def _rms(x_TD: Tensor, weight_D: Tensor, eps: float) -> Tensor:
    return torch.rms_norm(x_TD, [torch.size(x_TD, -1)], weight_D, eps)


def _plus(y: Tensor, bias: Optional[Tensor]) -> Tensor:
    if bias is not None:
        y = y + bias
    return y


def _rope(x_THR: Tensor, rotations: Tensor) -> Tensor:
    """Rotates the pairs (2k, 2k + 1), as the released weights expect, in the number format of the rotations."""
    # A copy, because complex numbers must lie at even places.
    exact = torch.to(
        torch.reshape(x_THR, [torch.size(x_THR, 0), torch.size(x_THR, 1), -1, 2]),
        torch.view_as_real(rotations).dtype, False, True)
    turned = torch.view_as_complex(exact) * torch.unsqueeze(rotations, 1)
    return torch.flatten(torch.view_as_real(turned), 2).to(x_THR.dtype)


def _by_length(x_THd: Tensor, tokens: int, length: int) -> Tensor:
    """Spans of one length as a batch, [spans, H, length, d]."""
    return torch.transpose(
        torch.view(x_THd, [tokens // length, length, torch.size(x_THd, 1), -1]), 1, 2)


def _attend(q_THd: Tensor, k_THd: Tensor, v_THU: Tensor, runs: Runs, scale: float) -> Tensor:
    """Causal attention inside each span; neighbours of one length share a call.

    Values are widened to the width of the keys: only then does libtorch take its flash kernel.
    """
    width = torch.size(v_THU, -1)
    wider = torch.size(q_THd, -1) - width
    if wider > 0:
        v_THU = torch.constant_pad_nd(v_THU, [0, wider])
    qs = torch.split_with_sizes(q_THd, runs.tokens, 0)
    ks = torch.split_with_sizes(k_THd, runs.tokens, 0)
    vs = torch.split_with_sizes(v_THU, runs.tokens, 0)
    outs: List[Tensor] = []
    for i, tokens in enumerate(runs.tokens):
        length = runs.lengths[i]
        o = torch.scaled_dot_product_attention(
            _by_length(qs[i], tokens, length), _by_length(ks[i], tokens, length),
            _by_length(vs[i], tokens, length), None, 0.0, True, scale=scale)
        if wider > 0:
            o = torch.slice(o, -1, 0, width)
        outs.append(torch.reshape(torch.transpose(o, 1, 2), [tokens, -1]))
    return torch.cat(outs)


def _queries(h_TD: Tensor, attention: Attention) -> Tensor:
    """[T, H (N + R)]"""
    compression = attention.compression
    if compression is not None:
        low_TQ = _plus(torch.linear(h_TD, compression.down_QD), compression.bias_Q)
        h_TD = _rms(low_TQ, compression.norm_Q, 1e-6)
    return torch.linear(h_TD, attention.query)


def _projected(x_TD: Tensor, attention: Attention, rotations: Tensor, shape: Shape) -> Projected:
    h_TD = _rms(x_TD, attention.norm_D, shape.eps)
    q_nope, q_rope = torch.split_with_sizes(
        torch.view(_queries(h_TD, attention), [torch.size(x_TD, 0), shape.heads, -1]),
        [shape.nope_width, shape.rope_width], -1)
    down = _plus(torch.linear(h_TD, attention.latent_and_key), attention.latent_and_key_bias)
    latent, k_rope = torch.split_with_sizes(down, [shape.latent_width, shape.rope_width], -1)
    latent = _rms(latent, attention.latent_norm_C, 1e-6)
    k_rope = torch.squeeze(_rope(torch.unsqueeze(k_rope, 1), rotations), 1)
    return Projected(q_nope, _rope(q_rope, rotations), latent, k_rope)


def _naive(p: Projected, attention: Attention, runs: Runs, shape: Shape) -> Tensor:
    """[T, H U]: keys and values are made for every head."""
    k_and_v = torch.view(
        torch.linear(p.latent_TC, attention.key_and_value), [torch.size(p.latent_TC, 0), shape.heads, -1])
    k_nope, v = torch.split_with_sizes(k_and_v, [shape.nope_width, shape.value_width], -1)
    k_rope = torch.expand(torch.unsqueeze(p.key_TR, 1), [-1, shape.heads, -1])
    q = torch.cat([p.q_nope_THN, p.q_rope_THR], -1)
    return _attend(q, torch.cat([k_nope, k_rope], -1), v, runs, shape.attention_scale)


def _over_caches(q_HBC: Tensor, q_HBR: Tensor, caches: List[Cache], scale: float) -> Tensor:
    """What the heads of each sequence's token get from its cache, [H, B, C]."""
    format = caches[0].latents_PC.dtype
    qs_HC = torch.unbind(q_HBC.to(format), 1)
    qs_HR = torch.unbind(q_HBR.to(format), 1)
    outs: List[Tensor] = []
    for b, cache in enumerate(caches):
        latents_PC = torch.narrow(cache.latents_PC, 0, 0, cache.position + 1)
        keys_PR = torch.narrow(cache.keys_PR, 0, 0, cache.position + 1)
        scores_HP = torch.mm(qs_HC[b], torch.t(latents_PC)) + torch.mm(qs_HR[b], torch.t(keys_PR))
        outs.append(torch.mm(torch.softmax(scores_HP * scale, -1), latents_PC))
    return torch.stack(outs, 1).to(q_HBC.dtype)


def _absorbed(p: Projected, attention: Attention, caches: List[Cache], shape: Shape) -> Tensor:
    """[B, H U]: a token of each sequence attends its cache without making keys and values of any head."""
    up_k, up_v = torch.split_with_sizes(
        torch.view(
            attention.key_and_value, [shape.heads, shape.nope_width + shape.value_width, shape.latent_width]),
        [shape.nope_width, shape.value_width], 1)
    q_HBC = torch.bmm(torch.transpose(p.q_nope_THN, 0, 1), up_k)
    q_HBR = torch.transpose(p.q_rope_THR, 0, 1)
    o_HBC = _over_caches(q_HBC, q_HBR, caches, shape.attention_scale)
    o_HBU = torch.bmm(o_HBC, torch.transpose(up_v, 1, 2))
    return torch.flatten(torch.transpose(o_HBU, 0, 1), 1)


def _remember(p: Projected, caches: List[Cache]) -> List[Cache]:
    """Adds to each cache what is new of its sequence: all tokens to one, or one to each."""
    tokens = torch.size(p.latent_TC, 0) // len(caches)
    latents = torch.split(p.latent_TC, tokens, 0)
    keys = torch.split(p.key_TR, tokens, 0)
    for b, cache in enumerate(caches):
        torch.narrow(cache.latents_PC, 0, cache.position, tokens).copy_(latents[b])
        torch.narrow(cache.keys_PR, 0, cache.position, tokens).copy_(keys[b])
    return caches


def _attention(
    x_TD: Tensor, attention: Attention, sight: Sight, caches: Optional[List[Cache]], decoding: bool, shape: Shape
) -> Tensor:
    """Tokens that see each other or, if `decoding`, one of each sequence that sees its past; all become part of it."""
    p = _projected(x_TD, attention, sight.rotations, shape)
    if caches is not None:
        _remember(p, caches)
    if caches is not None and decoding:
        heads = _absorbed(p, attention, caches, shape)
    else:
        heads = _naive(p, attention, sight.runs, shape)
    return _plus(torch.linear(heads, attention.output), attention.output_bias_D)
