# What ActivationCountTest asks of fused_step.py: the tensors that a layer keeps until its backward pass.
import torch
from torch import Tensor
from typing import List


def _of_norm(saved: SavedNorm) -> List[Tensor]:
    return [saved.normalised_TD, saved.reciprocal_T1, saved.result_TD]


def _of_unit(saved: SavedUnit) -> List[Tensor]:
    return [saved.gate_up_T2F, saved.silu_TF, saved.result_TF]


def _of_attention(saved: SavedAttention) -> List[Tensor]:
    kept = _of_norm(saved.norm) + _of_norm(saved.latent) + [saved.heads_TV]
    compressed = saved.compressed
    if compressed is not None:
        kept = kept + _of_norm(compressed)
    for run in saved.runs:
        kept = kept + [run.q_NHLW, run.k_NHLW, run.v_NHLU] + run.probabilities
        log_sum = run.log_sum
        if log_sum is not None:
            kept.append(log_sum)
    return kept


def _of_experts(saved: SavedExperts) -> List[Tensor]:
    rows = [saved.places_P, saved.gates_P1, saved.sources_P, saved.rows_PD, saved.weighted_PF, saved.by_expert.ends_E]
    return (
        _of_norm(saved.norm) + [saved.choice.chosen_TK, saved.choice.scores_TE] + rows + _of_unit(saved.unit)
        + _of_unit(saved.shared))


def kept(x_TD: Tensor, weights: Weights, layer: int, spans: List[int], shape: Shape) -> List[Tensor]:
    _y, saved = _layer_forward(x_TD, weights.layers[layer], _sight(spans, shape, x_TD), shape)
    tensors = _of_attention(saved.attention)
    mlp = saved.mlp
    if mlp is not None:
        tensors = tensors + _of_norm(mlp.norm) + _of_unit(mlp.unit)
    experts = saved.experts
    if experts is not None:
        tensors = tensors + _of_experts(experts)
    return tensors
