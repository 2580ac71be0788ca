# As decode.py for a device, which an operation costs more to start than to run: the caches of all sequences are rows of
# one tensor, and a step for B sequences is made of as few operations as it takes, without anything that the processor
# has to be told. The same but for rounding. Compiled together with decode.py; the legend of weights.py holds here too.
#
# A row of the pool has a token's rotary key, then its latent: W values, with one to spare where their number is odd,
# because pairs of them are complex numbers. Rows of a sequence are neighbours. N is the number of all rows.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Seen(NamedTuple):
    """What all sequences have seen: copies of their rows, filled up to P each."""

    all_LBPW: Tensor
    own_B: Tensor  # the rows of the tokens that are read now, counted over all sequences
    unseen_B1P: Tensor  # added to scores: minus infinity where a sequence has no token yet


def grown(pool_LNW: Tensor, rows: int) -> Tensor:
    """The pool with so many rows more."""
    return torch.constant_pad_nd(pool_LNW, [0, 0, 0, rows])


def pooled_prefill(weights: Weights, ids: Tensor, pool: Tensor, first: int, shape: Shape) -> Tensor:
    """Logits [V] after a prompt, whose rows of the pool begin at `first`."""
    rows_LTW = torch.narrow(pool, 1, first, torch.size(ids, 0))
    latents = torch.narrow(rows_LTW, 2, shape.rope_width, shape.latent_width)
    return prefill(weights, ids, latents, torch.narrow(rows_LTW, 2, 0, shape.rope_width), shape)


def _seen(pool_LNW: Tensor, firsts_B: Tensor, positions_B: Tensor, length: int) -> Seen:
    sequences = torch.size(firsts_B, 0)
    places_1P = torch.unsqueeze(torch.arange(length, device=firsts_B.device), 0)
    at_B1 = torch.unsqueeze(positions_B, 1)
    # A place that a sequence does not have repeats its newest row.
    rows_BP = torch.minimum(places_1P, at_B1) + torch.unsqueeze(firsts_B, 1)
    all_LBPW = torch.unflatten(
        torch.index_select(pool_LNW, 1, torch.flatten(rows_BP)), 1, [sequences, length])
    zeros_BP = torch.zeros([sequences, length], dtype=pool_LNW.dtype, device=firsts_B.device)
    unseen_BP = torch.masked_fill(zeros_BP, places_1P > at_B1, float("-inf"))
    own_B = torch.arange(0, sequences * length, length, device=firsts_B.device) + positions_B
    return Seen(all_LBPW, own_B, torch.unsqueeze(unseen_BP, 1))


def _keep_(pool_LNW: Tensor, seen: Seen, rows_B: Tensor) -> Tensor:
    """Copies to the pool what the tokens added."""
    added_LBW = torch.index_select(torch.flatten(seen.all_LBPW, 1, 2), 1, seen.own_B)
    return pool_LNW.index_copy_(1, rows_B, added_LBW)


def _turn_(x_BHR: Tensor, rotations_B1R: Tensor) -> Tensor:
    """RoPE in place, of rows that begin at even places."""
    return torch.view_as_complex(torch.unflatten(x_BHR, 2, [-1, 2])).mul_(rotations_B1R)


def _remember_(
    h_BD: Tensor, attention: Attention, rotations_B1R: Tensor, rows_NW: Tensor, own_B: Tensor, shape: Shape
) -> Tensor:
    """Adds to each sequence what is kept of its token."""
    down = _plus(torch.linear(h_BD, attention.latent_and_key), attention.latent_and_key_bias)
    latent_BC, key_BR = torch.split_with_sizes(down, [shape.latent_width, shape.rope_width], 1)
    row_BW = torch.zeros(
        [torch.size(h_BD, 0), torch.size(rows_NW, 1)], dtype=rows_NW.dtype, device=h_BD.device)
    key = torch.narrow(row_BW, 1, 0, shape.rope_width).copy_(key_BR)
    _turn_(torch.unsqueeze(key, 1), rotations_B1R)
    latent = torch.narrow(row_BW, 1, shape.rope_width, shape.latent_width)
    latent.copy_(_rms(latent_BC, attention.latent_norm_C, 1e-6))
    return rows_NW.index_copy_(0, own_B, row_BW)


def _asked(
    q_BHV: Tensor, up_k_HNC: Tensor, rotations_B1R: Tensor, rows_BPW: Tensor, shape: Shape
) -> Tensor:
    """Queries as rows are, [B, H, R + C] of W."""
    q_nope, q_rope = torch.split_with_sizes(q_BHV, [shape.nope_width, shape.rope_width], 2)
    q_BHW = torch.empty(
        [torch.size(q_BHV, 0), shape.heads, torch.size(rows_BPW, 2)], dtype=rows_BPW.dtype, device=q_BHV.device)
    rotary = torch.narrow(q_BHW, 2, 0, shape.rope_width).copy_(q_rope)
    _turn_(rotary, rotations_B1R)
    absorbed_HBC = torch.bmm(torch.transpose(q_nope, 0, 1), up_k_HNC)
    torch.narrow(q_BHW, 2, shape.rope_width, shape.latent_width).copy_(torch.transpose(absorbed_HBC, 0, 1))
    return torch.narrow(q_BHW, 2, 0, shape.rope_width + shape.latent_width)


def _plus_attention(
    x_BD: Tensor, attention: Attention, rotations_B1R: Tensor, rows_BPW: Tensor, seen: Seen, shape: Shape
) -> Tensor:
    """Adds what each token gets from its sequence, itself included."""
    sequences = torch.size(x_BD, 0)
    h_BD = _rms(x_BD, attention.norm_D, shape.eps)
    _remember_(h_BD, attention, rotations_B1R, torch.flatten(rows_BPW, 0, 1), seen.own_B, shape)
    up_k, up_v = torch.split_with_sizes(
        torch.view(
            attention.key_and_value, [shape.heads, shape.nope_width + shape.value_width, shape.latent_width]),
        [shape.nope_width, shape.value_width], 1)
    q_BHV = torch.view(_queries(h_BD, attention), [sequences, shape.heads, -1])
    q_BHW = _asked(q_BHV, up_k, rotations_B1R, rows_BPW, shape)
    keys_BPW = torch.narrow(rows_BPW, 2, 0, shape.rope_width + shape.latent_width)
    scores_BHP = torch.baddbmm(
        seen.unseen_B1P, q_BHW, torch.transpose(keys_BPW, 1, 2), beta=1, alpha=shape.attention_scale)
    latents_BPC = torch.narrow(rows_BPW, 2, shape.rope_width, shape.latent_width)
    o_BHC = torch.bmm(torch.softmax(scores_BHP, -1), latents_BPC).to(x_BD.dtype)
    o_BHU = torch.empty([sequences, shape.heads, shape.value_width], dtype=x_BD.dtype, device=x_BD.device)
    torch.bmm(torch.transpose(o_BHC, 0, 1), torch.transpose(up_v, 1, 2), out=torch.transpose(o_BHU, 0, 1))
    y_BD = torch.addmm(x_BD, torch.flatten(o_BHU, 1), torch.t(attention.output))
    return _plus(y_BD, attention.output_bias_D)


def _plus_unit(x_BD: Tensor, h_BD: Tensor, unit: GatedUnit) -> Tensor:
    """Adds a gated unit's result for h."""
    active_BF = _gated(_plus(torch.linear(h_BD, unit.gate_up), unit.gate_up_bias), unit.slope)
    return _plus(torch.addmm(x_BD, active_BF, torch.t(unit.down_DF)), unit.down_bias_D)


def _gates_of_all(logits_BE: Tensor, bias_E: Tensor, shape: Shape) -> Tensor:
    """As _routed gives them, with gates of 0 for experts that were not chosen, [B, E]."""
    scores_BE = torch.sigmoid(logits_BE)
    chosen_BK = _select(scores_BE + bias_E, shape)
    gates_BE = torch.zeros_like(scores_BE).scatter_(1, chosen_BK, torch.gather(scores_BE, 1, chosen_BK))
    if shape.gates_normalised:
        gates_BE = gates_BE.div_(torch.sum(gates_BE, [-1], True).add_(1e-20))
    return gates_BE.mul_(shape.gate_scale)


def _every_expert(h_BD: Tensor, gates_BE: Tensor, experts: Experts) -> Tensor:
    """As _many_experts without the shared one, for a few tokens: every expert takes all of them, with a gate of 0 where
    it was not chosen. So nobody waits for the numbers of tokens, and each weight is read once."""
    hidden = torch.linear(h_BD, torch.flatten(experts.gate_up, 0, 1))
    gate_up_bias = experts.gate_up_bias
    if gate_up_bias is not None:
        hidden = hidden + torch.flatten(gate_up_bias)
    h_BE2F = torch.unflatten(hidden, 1, [torch.size(experts.gate_up, 0), -1])
    active_BEF = _gated(h_BE2F, experts.shared.slope).mul_(torch.unsqueeze(gates_BE, 2))
    o_EBD = torch.bmm(torch.transpose(active_BEF, 0, 1), torch.transpose(experts.down_EDF, 1, 2))
    sum_BD = torch.sum(o_EBD, [0])
    down_bias = experts.down_bias_ED
    if down_bias is not None:
        sum_BD = torch.addmm(sum_BD, gates_BE.to(down_bias.dtype), down_bias)
    return sum_BD


def _chosen_experts(h_1D: Tensor, gates_1K: Tensor, chosen_1K: Tensor, experts: Experts) -> Tensor:
    """The same for a single token. The weights of its experts are copied, because a device that had to tell the
    processor which they are would stand still in every layer."""
    chosen_K = torch.squeeze(chosen_1K, 0)
    gate_up = torch.index_select(experts.gate_up, 0, chosen_K)
    h_K12F = torch.matmul(h_1D, torch.transpose(gate_up, 1, 2))
    gate_up_bias = experts.gate_up_bias
    if gate_up_bias is not None:
        h_K12F = h_K12F + torch.unsqueeze(torch.index_select(gate_up_bias, 0, chosen_K), 1)
    down = torch.index_select(experts.down_EDF, 0, chosen_K)
    o_K1D = torch.bmm(_gated(h_K12F, experts.shared.slope), torch.transpose(down, 1, 2))
    down_bias = experts.down_bias_ED
    if down_bias is not None:
        o_K1D = o_K1D + torch.unsqueeze(torch.index_select(down_bias, 0, chosen_K), 1)
    return torch.sum(o_K1D * torch.reshape(gates_1K.to(h_1D.dtype), [-1, 1, 1]), [0])


def _plus_experts(x_BD: Tensor, experts: Experts, shape: Shape) -> Tensor:
    """Adds a layer of experts."""
    h_BD = _rms(x_BD, experts.norm_D, shape.eps)
    logits_BE = _plus(
        torch.linear(h_BD.to(experts.router_ED.dtype), experts.router_ED), experts.router_bias_E)
    y_BD = _plus_unit(x_BD, h_BD, experts.shared)
    if torch.size(x_BD, 0) == 1:
        gates_1K, choice = _routed(logits_BE, experts.selection_bias_E, shape)
        return y_BD.add_(_chosen_experts(h_BD, gates_1K, choice.chosen_TK, experts))
    gates_BE = _gates_of_all(logits_BE, experts.selection_bias_E, shape)
    return y_BD.add_(_every_expert(h_BD, gates_BE, experts))


def rotary_frequencies(weights: Weights, shape: Shape) -> Tensor:
    return _frequencies(shape, weights.norm_D)


def renew_(numbers_3B: Tensor, now: List[int], chance_2B: Tensor, chance: List[float]) -> Tensor:
    """Tells the next pooled_step_ what to read and, unless the list is empty, how to choose."""
    if len(chance) > 0:
        chance_2B.copy_(torch.tensor(chance, dtype=torch.float64))
    return numbers_3B.copy_(torch.tensor(now, dtype=torch.int64))


def _drawn(logits_BV: Tensor, most_B1: Tensor, token_B1: Tensor, temperatures_B1: Tensor, draws_B1: Tensor) -> Tensor:
    """The token at which the sum of probabilities, in the order of the vocabulary, passes a draw; where the temperature
    is 0 the likeliest."""
    softened = (logits_BV - most_B1).to(torch.float64) / torch.clamp(temperatures_B1, 1e-300)
    sums_BV = torch.cumsum(torch.exp(softened), 1)
    passed_BV = sums_BV <= draws_B1 * sums_BV[:, -1:]
    # Rounding may leave a little, which goes to the last token.
    drawn_B1 = torch.clamp(torch.sum(passed_BV, [1], True), 0, torch.size(logits_BV, 1) - 1)
    return torch.where(temperatures_B1 > 0.0, drawn_B1, token_B1)


def pooled_step_(
    weights: Weights,
    numbers_3B: Tensor,  # a token of each sequence, how many were read before, its first row
    frequencies: Tensor,  # as rotary_frequencies gives them; nothing can be brought to a device while it records
    length: int,  # P, room for the longest sequence
    pool: Tensor,  # [L, N, W]
    chance_2B: Tensor,  # float64, temperatures of the sequences and draws of 0 to 1
    draws: bool,  # whether any temperature is above 0
    logits_BV: Tensor,  # set to what is said after the tokens
    chosen_2B: Tensor,  # float64, set to the largest logits and to the tokens that come next
    shape: Shape,
) -> Tensor:
    """Reads one more token of each sequence, adds it to its rows and chooses the next. The same operations whatever the
    numbers are, so that a device can record them."""
    tokens_B, positions_B, firsts_B = torch.unbind(torch.view(numbers_3B, [3, -1]), 0)
    seen = _seen(pool, firsts_B, positions_B, length)
    rotations_B1R = torch.unsqueeze(_turned_by(positions_B, frequencies, shape, weights.head_VD), 1)
    x_BD = _read(weights, tokens_B)
    rows_by_layer = torch.unbind(seen.all_LBPW, 0)
    for i, layer in enumerate(weights.layers):
        x_BD = _plus_attention(x_BD, layer.attention, rotations_B1R, rows_by_layer[i], seen, shape)
        mlp = layer.mlp
        if mlp is not None:
            x_BD = _plus_unit(x_BD, _rms(x_BD, mlp.norm_D, shape.eps), mlp.unit)
        experts = layer.experts
        if experts is not None:
            x_BD = _plus_experts(x_BD, experts, shape)
    _keep_(pool, seen, firsts_B + positions_B)
    logits_BV.copy_(_said(x_BD, weights, shape))
    most_B1, token_B1 = torch.max(logits_BV, 1, True)
    if draws:
        temperatures_B, draws_B = torch.unbind(torch.view(chance_2B, [2, -1]), 0)
        token_B1 = _drawn(
            logits_BV, most_B1, token_B1, torch.unsqueeze(temperatures_B, 1), torch.unsqueeze(draws_B, 1))
    both_B2 = torch.cat([most_B1.to(chosen_2B.dtype), token_B1.to(chosen_2B.dtype)], 1)
    return chosen_2B.copy_(torch.transpose(both_B2, 0, 1))
