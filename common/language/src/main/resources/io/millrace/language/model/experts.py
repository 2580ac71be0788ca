# Feed-forward layers: a gated unit, or routed experts and a shared one without an auxiliary loss (arXiv 2412.19437,
# section 2.1.2). Compiled together with an activation; the legend of weights.py holds here.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional, Tuple


class Choice(NamedTuple):
    """Of each token's experts."""

    chosen_TK: Tensor
    scores_TE: Tensor  # affinities


class Balance(NamedTuple):
    """Of one layer."""

    load_E: Tensor  # tokens of each expert
    loss: Tensor  # sequence-wise, summed over documents, without alpha


def _gated(h_T2F: Tensor, slope: Optional[Tensor]) -> Tensor:
    """Gated linear unit (arXiv 2002.05202): the activation of the gate times the other half."""
    gate, up = torch.chunk(h_T2F, 2, -1)
    return activate_gate(gate, slope) * up


def _unit(x_TD: Tensor, unit: GatedUnit) -> Tensor:
    active_TF = _gated(_plus(torch.linear(x_TD, unit.gate_up), unit.gate_up_bias), unit.slope)
    return _plus(torch.linear(active_TF, unit.down_DF), unit.down_bias_D)


def _routed(logits_TE: Tensor, bias_E: Tensor, shape: Shape) -> Tuple[Tensor, Choice]:
    scores_TE = torch.sigmoid(logits_TE)
    chosen_TK = _select((scores_TE + bias_E).detach(), shape)
    gates_TK = torch.gather(scores_TE, 1, chosen_TK)
    if shape.gates_normalised:
        gates_TK = gates_TK / (torch.sum(gates_TK, [-1], True) + 1e-20)
    return gates_TK * shape.gate_scale, Choice(chosen_TK, scores_TE)


def route(x_TD: Tensor, router_ED: Tensor, bias_E: Tensor, shape: Shape) -> Tuple[Tensor, Choice]:
    """Gates [T, K], chosen experts [T, K] and affinities [T, E]."""
    return _routed(torch.linear(x_TD, router_ED), bias_E, shape)


def _select(biased_TE: Tensor, shape: Shape) -> Tensor:
    """The K experts of the best groups; a group counts by its two best experts. In the order of their scores on a
    processor; a device would sort them in an operation of its own."""
    ordered = not biased_TE.is_cuda
    candidates = biased_TE
    if shape.groups > 1:
        tokens = torch.size(biased_TE, 0)
        grouped = torch.view(biased_TE, [tokens, shape.groups, -1])
        best_two, _unused = torch.topk(grouped, 2, -1, True, ordered)
        group_scores = torch.sum(best_two, [-1])
        _scores, kept = torch.topk(group_scores, shape.kept_groups, -1, True, ordered)
        dropped = torch.ones_like(group_scores, dtype=torch.bool).scatter_(1, kept, 0)
        masked = torch.masked_fill(grouped, torch.unsqueeze(dropped, -1), float("-inf"))
        candidates = torch.view(masked, [tokens, -1])
    _values, chosen = torch.topk(candidates, shape.chosen_experts, -1, True, ordered)
    return chosen


def _by_expert(rows_PI: Tensor, weights_EOI: Tensor, sizes: List[int]) -> Tensor:
    """Every expert's matrix on its rows, [P, O]."""
    rows = torch.split_with_sizes(rows_PI, sizes, 0)
    weights = torch.unbind(weights_EOI, 0)
    outs: List[Tensor] = []
    for e in range(len(sizes)):
        outs.append(torch.mm(rows[e], torch.t(weights[e])))
    return torch.cat(outs)


def _plus_by_expert(y_PO: Tensor, bias_EO: Optional[Tensor], experts_P: Tensor) -> Tensor:
    if bias_EO is not None:
        y_PO = y_PO + torch.index_select(bias_EO, 0, experts_P)
    return y_PO


def _many_experts(
    x_TD: Tensor, gates_TK: Tensor, chosen_TK: Tensor, experts: Experts, shape: Shape
) -> Tensor:
    """Routed experts plus the shared one, no token dropped."""
    flat = torch.flatten(chosen_TK)
    order = torch.argsort(flat, dim=0, stable=True)
    sizes: List[int] = torch.bincount(flat, None, shape.experts).tolist()
    sources = torch.div(order, shape.chosen_experts, rounding_mode="floor")
    experts_P = torch.index_select(flat, 0, order)
    hidden_P = _by_expert(torch.index_select(x_TD, 0, sources), experts.gate_up, sizes)
    active_P = _gated(_plus_by_expert(hidden_P, experts.gate_up_bias, experts_P), experts.shared.slope)
    outs_P = _plus_by_expert(_by_expert(active_P, experts.down_EDF, sizes), experts.down_bias_ED, experts_P)
    weighted = outs_P * torch.unsqueeze(torch.index_select(torch.flatten(gates_TK), 0, order), 1)
    return torch.index_add(_unit(x_TD, experts.shared), 0, sources, weighted)


def _of_expert(biases: Optional[Tensor], e: int) -> Optional[Tensor]:
    own: Optional[Tensor] = None
    if biases is not None:
        own = biases[e]
    return own


def _experts_of_one(
    x_1D: Tensor, gates_1K: Tensor, chosen_1K: Tensor, experts: Experts, shape: Shape
) -> Tensor:
    """As _many_experts for a single token: only the chosen experts' weights are read."""
    y = _unit(x_1D, experts.shared)
    for k in range(shape.chosen_experts):
        e = int(chosen_1K[0, k])
        unit = GatedUnit(
            experts.gate_up[e], _of_expert(experts.gate_up_bias, e), experts.down_EDF[e],
            _of_expert(experts.down_bias_ED, e), experts.shared.slope)
        y = y + _unit(x_1D, unit) * gates_1K[0, k]
    return y


def _counts(choice: Choice, counted_T1: Tensor, documents: Documents) -> Tuple[Tensor, Tensor]:
    """Tokens of each document that each expert got, [S, E], and all of the document's, at least 1, [S, 1]; only
    tokens that count."""
    scores_TE = choice.scores_TE
    zeros_SE = torch.zeros(
        [documents.count, torch.size(scores_TE, 1)], dtype=scores_TE.dtype, device=scores_TE.device)
    zeros_S1 = torch.zeros([documents.count, 1], dtype=scores_TE.dtype, device=scores_TE.device)
    lengths_S1 = torch.clamp(torch.index_add(zeros_S1, 0, documents.of_token_T, counted_T1), 1.0)
    picked_TE = torch.scatter(torch.zeros_like(scores_TE), 1, choice.chosen_TK, 1.0) * counted_T1
    return torch.index_add(zeros_SE, 0, documents.of_token_T, picked_TE), lengths_S1


def _balance(choice: Choice, counted_T1: Tensor, documents: Documents, shape: Shape) -> Balance:
    """Equations 17 to 20, with the experts that were chosen, selection biases and groups included; only tokens
    that count."""
    counts_SE, lengths_S1 = _counts(choice, counted_T1, documents)
    scores_TE = choice.scores_TE
    shares_TE = scores_TE * (counted_T1 / torch.sum(scores_TE, [-1], True))
    p_SE = torch.index_add(torch.zeros_like(counts_SE), 0, documents.of_token_T, shares_TE) / lengths_S1
    loss = torch.sum(counts_SE / lengths_S1 * p_SE) * (float(shape.experts) / float(shape.chosen_experts))
    return Balance(torch.sum(counts_SE, [0]), loss)


def _feed_forward(x_TD: Tensor, layer: Layer, decoding: bool, choices: List[Choice], shape: Shape) -> Tensor:
    """Adds the choice of a layer with experts to the list."""
    mlp = layer.mlp
    if mlp is not None:
        return _unit(_rms(x_TD, mlp.norm_D, shape.eps), mlp.unit)
    experts = layer.experts
    assert experts is not None
    h_TD = _rms(x_TD, experts.norm_D, shape.eps)
    # A router is exact where all else is rounded.
    logits_TE = _plus(
        torch.linear(h_TD.to(experts.router_ED.dtype), experts.router_ED), experts.router_bias_E)
    gates_TK, choice = _routed(logits_TE, experts.selection_bias_E, shape)
    gates_TK = gates_TK.to(h_TD.dtype)
    choices.append(choice)
    if decoding and torch.size(h_TD, 0) == 1:
        return _experts_of_one(h_TD, gates_TK, choice.chosen_TK, experts, shape)
    return _many_experts(h_TD, gates_TK, choice.chosen_TK, experts, shape)
