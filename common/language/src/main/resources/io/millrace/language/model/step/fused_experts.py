# Feed-forward layers of the hand-written step (fused_step.py), forward and backward. The legend of weights.py holds
# here too.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class SavedMlp(NamedTuple):
    norm: SavedNorm
    unit: SavedUnit


class SavedExperts(NamedTuple):
    norm: SavedNorm
    choice: Choice
    places_P: Tensor  # of a token's choices among the rows
    gates_P1: Tensor
    sources_P: Tensor  # tokens of the rows
    rows_PD: Tensor
    unit: SavedUnit  # of the rows
    weighted_PF: Tensor  # its result times the gates
    shared: SavedUnit
    by_expert: RowsByExpert


def _mlp_forward(x_TD: Tensor, mlp: Mlp, shape: Shape) -> Tuple[Tensor, SavedMlp]:
    """Adds a dense feed-forward layer to x."""
    norm = _norm_forward(x_TD, mlp.norm_D, shape.eps)
    unit = _swiglu_forward(_linear(norm.result_TD, mlp.unit.gate_up))
    return _sum_with_product(x_TD, unit.result_TF, mlp.unit.down_DF), SavedMlp(norm, unit)


def _mlp_backward(dx_TD: Tensor, mlp: Mlp, gradients: Mlp, saved: SavedMlp) -> Tensor:
    da_TF = _linear_backward(dx_TD, saved.unit.result_TF, mlp.unit.down_DF, gradients.unit.down_DF)
    d_T2F = _swiglu_backward(da_TF, saved.unit)
    dh_TD = _linear_backward(d_T2F, saved.norm.result_TD, mlp.unit.gate_up, gradients.unit.gate_up)
    return _norm_backward(dh_TD, mlp.norm_D, gradients.norm_D, saved.norm).add_(dx_TD)


def _sum_of_choices(rows_PD: Tensor, places_P: Tensor, chosen: int) -> Tensor:
    """Sum over a token's K choices of the rows in their places, [T, D]."""
    if rows_PD.is_cuda:
        # Half the time of the sum below, which is the faster one on a processor.
        return torch.sum(torch.unflatten(torch.index_select(rows_PD, 0, places_P), 0, [-1, chosen]), [1])
    bags_T = torch.arange(0, torch.size(places_P, 0), chosen, device=rows_PD.device)
    sums, _a, _b, _c = torch.embedding_bag(rows_PD, places_P, bags_T, False, 0, False, None, False)
    return sums


class Sorted(NamedTuple):
    """Choices by expert."""

    sources_P: Tensor  # tokens of the rows
    gates_P: Tensor
    places: Tensor  # rows of a token's choices
    by_expert: RowsByExpert


def _rows_of_choices(order_P: Tensor, places_P: Tensor) -> Tensor:
    return torch.empty_like(order_P).scatter_(0, order_P, places_P)


def _sorted_choices(chosen_TK: Tensor, gates_TK: Tensor, shape: Shape) -> Sorted:
    sorted_P, order_P = torch.sort(torch.flatten(chosen_TK), stable=True, dim=0, descending=False)
    ends_E = torch.searchsorted(sorted_P, torch.arange(shape.experts, device=sorted_P.device), right=True)
    by_expert = _rows_by_expert(ends_E)
    choices_P, places = _choices_of_rows(sorted_P, order_P, by_expert)
    sources_P = torch.div(choices_P, shape.chosen_experts, rounding_mode="floor")
    gates = torch.flatten(gates_TK)
    if by_expert.filled:
        # A row of no choice is the last token's, and nothing comes of it.
        sources_P = torch.clamp(sources_P, None, torch.size(chosen_TK, 0) - 1)
        gates = torch.constant_pad_nd(gates, [0, 1])
    return Sorted(sources_P, torch.index_select(gates, 0, choices_P), places, by_expert)


def _experts_forward(x_TD: Tensor, experts: Experts, shape: Shape) -> Tuple[Tensor, SavedExperts]:
    """Adds a layer of experts to x."""
    norm = _norm_forward(x_TD, experts.norm_D, shape.eps)
    h_TD = norm.result_TD
    gates_TK, choice = route(
        h_TD.to(experts.router_ED.dtype), experts.router_ED, experts.selection_bias_E, shape)
    choices = _sorted_choices(choice.chosen_TK, gates_TK, shape)
    by_expert = choices.by_expert
    rows_PD = torch.index_select(h_TD, 0, choices.sources_P)
    gates_P1 = torch.unsqueeze(choices.gates_P, 1).to(h_TD.dtype)
    unit = _swiglu_forward(_expert_products(rows_PD, experts.gate_up, by_expert))
    weighted_PF = unit.result_TF * gates_P1
    outs_PD = _expert_products(weighted_PF, experts.down_EDF, by_expert)
    shared = _swiglu_forward(_linear(h_TD, experts.shared.gate_up))
    y_TD = _sum_with_product(x_TD, shared.result_TF, experts.shared.down_DF)
    y_TD.add_(_sum_of_choices(outs_PD, choices.places, shape.chosen_experts))
    return y_TD, SavedExperts(
        norm, choice, choices.places, gates_P1, choices.sources_P, rows_PD, unit, weighted_PF, shared, by_expert)


def _balance_gradient(choice: Choice, counted_T1: Tensor, documents: Documents, shape: Shape) -> Tensor:
    """Of _balance's loss by the scores."""
    counts_SE, lengths_S1 = _counts(choice, counted_T1, documents)
    scale = float(shape.experts) / float(shape.chosen_experts)
    slope_SE = counts_SE / (lengths_S1 * lengths_S1) * scale
    slope_TE = torch.index_select(slope_SE, 0, documents.of_token_T)
    total_T1 = torch.sum(choice.scores_TE, [-1], True)
    mean_T1 = torch.sum(slope_TE * choice.scores_TE, [-1], True) / total_T1
    return (slope_TE - mean_T1) * (counted_T1 / total_T1)


def _gates_backward(dgates_TK: Tensor, choice: Choice, shape: Shape) -> Tensor:
    """Of the gates by the scores, [T, E]."""
    d_TK = dgates_TK * shape.gate_scale
    if shape.gates_normalised:
        picked_TK = torch.gather(choice.scores_TE, 1, choice.chosen_TK)
        total_T1 = torch.sum(picked_TK, [-1], True) + 1e-20
        d_TK = (d_TK - torch.sum(d_TK * picked_TK, [-1], True) / total_T1) / total_T1
    return torch.scatter(torch.zeros_like(choice.scores_TE), 1, choice.chosen_TK, d_TK)


def _rows_backward(
    dx_TD: Tensor, experts: Experts, gradients: Experts, saved: SavedExperts
) -> Tuple[Tensor, Tensor]:
    """Of the rows that the routed experts read, [P, D], and of their gates, [P]."""
    by_expert = saved.by_expert
    douts_PD = torch.index_select(dx_TD, 0, saved.sources_P)
    da_PF = _expert_input_gradients(douts_PD, experts.down_EDF, by_expert)
    _add_expert_weight_gradients(gradients.down_EDF, douts_PD, saved.weighted_PF, by_expert)
    dgates_P = torch.sum(da_PF * saved.unit.result_TF, [-1], False, dtype=experts.router_ED.dtype)
    d_P2F = _swiglu_backward(da_PF.mul_(saved.gates_P1), saved.unit)
    drows_PD = _expert_input_gradients(d_P2F, experts.gate_up, by_expert)
    _add_expert_weight_gradients(gradients.gate_up, d_P2F, saved.rows_PD, by_expert)
    return drows_PD, dgates_P


def _shared_backward(
    dh_TD: Tensor, dx_TD: Tensor, unit: GatedUnit, gradients: GatedUnit, h_TD: Tensor, saved: SavedUnit
) -> Tensor:
    """Adds to dh what the shared expert passes back."""
    da_TF = _linear_backward(dx_TD, saved.result_TF, unit.down_DF, gradients.down_DF)
    d_T2F = _swiglu_backward(da_TF, saved)
    _add_weight_gradient(gradients.gate_up, d_T2F, h_TD)
    return _add_input_gradient(dh_TD, d_T2F, unit.gate_up)


def _add_router_gradient(dh_TD: Tensor, dlogits_TE: Tensor, router_ED: Tensor) -> Tensor:
    """In the number format of the router, which may be finer than that of the states."""
    if dh_TD.dtype == router_ED.dtype:
        return dh_TD.addmm_(dlogits_TE, router_ED)
    return dh_TD.add_(torch.mm(dlogits_TE, router_ED))


def _experts_backward(
    dx_TD: Tensor, experts: Experts, gradients: Experts, saved: SavedExperts, counted_T1: Tensor,
    documents: Documents, balance_weight: float, shape: Shape
) -> Tensor:
    h_TD = saved.norm.result_TD
    choice = saved.choice
    drows_PD, dgates_P = _rows_backward(dx_TD, experts, gradients, saved)
    dh_TD = _sum_of_choices(drows_PD, saved.places_P, shape.chosen_experts)
    dh_TD = _shared_backward(dh_TD, dx_TD, experts.shared, gradients.shared, h_TD, saved.shared)
    dgates_TK = torch.view(torch.index_select(dgates_P, 0, saved.places_P), torch.size(choice.chosen_TK))
    dscores_TE = _gates_backward(dgates_TK, choice, shape)
    if balance_weight != 0.0:
        dscores_TE.add_(_balance_gradient(choice, counted_T1, documents, shape), alpha=balance_weight)
    dlogits_TE = torch.sigmoid_backward(dscores_TE, choice.scores_TE)
    gradients.router_ED.addmm_(torch.t(dlogits_TE), h_TD.to(dlogits_TE.dtype))
    _add_router_gradient(dh_TD, dlogits_TE, experts.router_ED)
    return _norm_backward(dh_TD, experts.norm_D, gradients.norm_D, saved.norm).add_(dx_TD)
