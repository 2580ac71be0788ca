# Multi-head latent attention of the hand-written step (fused_step.py), forward and backward, in larger operations than
# attention.py's. How tokens attend each other is another file's matter (attended_runs.py, bf16/attended_spans.py):
# SavedRun, _attend_runs and _attend_runs_backward. The legend of weights.py holds here too; W is the width of a head's
# queries and keys, N + R.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional, Tuple


class SavedAttention(NamedTuple):
    norm: SavedNorm
    compressed: Optional[SavedNorm]  # of the queries
    latent: SavedNorm
    runs: List[SavedRun]
    heads_TV: Tensor  # [T, H U]


def _queries_forward(h_TD: Tensor, attention: Attention) -> Tuple[Tensor, Optional[SavedNorm]]:
    """[T, H W]"""
    compression = attention.compression
    saved: Optional[SavedNorm] = None
    if compression is not None:
        compressed = _norm_forward(_linear(h_TD, compression.down_QD), compression.norm_Q, 1e-6)
        saved = compressed
        h_TD = compressed.result_TD
    return _linear(h_TD, attention.query), saved


def _attention_forward(
    x_TD: Tensor, attention: Attention, sight: Sight, shape: Shape
) -> Tuple[Tensor, SavedAttention]:
    """Adds attention to x."""
    tokens = torch.size(x_TD, 0)
    norm = _norm_forward(x_TD, attention.norm_D, shape.eps)
    down = _linear(norm.result_TD, attention.latent_and_key)
    latent_TC, k_rope = torch.split_with_sizes(down, [shape.latent_width, shape.rope_width], -1)
    latent = _norm_forward(latent_TC, attention.latent_norm_C, 1e-6)
    q, compressed = _queries_forward(norm.result_TD, attention)
    q_THW = _rotate_(torch.view(q, [tokens, shape.heads, -1]), sight.rotations, shape.nope_width)
    k_nope, v_THU = torch.split_with_sizes(
        torch.view(_linear(latent.result_TD, attention.key_and_value), [tokens, shape.heads, -1]),
        [shape.nope_width, shape.value_width], -1)
    k_rope = _rotate_(torch.unsqueeze(k_rope, 1), sight.rotations, 0)
    k_THW = torch.cat([k_nope, torch.expand(k_rope, [-1, shape.heads, -1])], 2)
    heads_TV, runs = _attend_runs(q_THW, k_THW, v_THU, sight, shape.attention_scale)
    y_TD = _sum_with_product(x_TD, heads_TV, attention.output)
    return y_TD, SavedAttention(norm, compressed, latent, runs, heads_TV)


def _queries_backward(
    dh_TD: Tensor, dq_TV: Tensor, h_TD: Tensor, attention: Attention, gradients: Attention,
    compressed: Optional[SavedNorm]
) -> Tensor:
    """Adds to dh."""
    down = attention.compression
    down_gradients = gradients.compression
    if down is not None and down_gradients is not None and compressed is not None:
        dc_TQ = _linear_backward(dq_TV, compressed.result_TD, attention.query, gradients.query)
        dc_TQ = _norm_backward(dc_TQ, down.norm_Q, down_gradients.norm_Q, compressed)
        _add_weight_gradient(down_gradients.down_QD, dc_TQ, h_TD)
        dh_TD = _add_input_gradient(dh_TD, dc_TQ, down.down_QD)
    else:
        _add_weight_gradient(gradients.query, dq_TV, h_TD)
        dh_TD = _add_input_gradient(dh_TD, dq_TV, attention.query)
    return dh_TD


def _attention_backward(
    dx_TD: Tensor, attention: Attention, gradients: Attention, saved: SavedAttention, sight: Sight, shape: Shape
) -> Tensor:
    """Of the block's input, the residual path included."""
    do_TV = _linear_backward(dx_TD, saved.heads_TV, attention.output, gradients.output)
    dq_THW, dk_TR, dkv = _attend_runs_backward(
        torch.view(do_TV, [torch.size(dx_TD, 0), shape.heads, -1]), saved.runs, saved.heads_TV, sight, shape)
    back = torch.conj_physical(sight.rotations)
    dk_rope = _rotate_(torch.unsqueeze(dk_TR, 1), back, 0)
    dc_TC = _linear_backward(
        dkv, saved.latent.result_TD, attention.key_and_value, gradients.key_and_value)
    dlatent = _norm_backward(dc_TC, attention.latent_norm_C, gradients.latent_norm_C, saved.latent)
    d_down = torch.cat([dlatent, torch.squeeze(dk_rope, 1)], 1)
    h_TD = saved.norm.result_TD
    dh_TD = _linear_backward(d_down, h_TD, attention.latent_and_key, gradients.latent_and_key)
    dq_TV = torch.flatten(_rotate_(dq_THW, back, shape.nope_width), 1)
    dh_TD = _queries_backward(dh_TD, dq_TV, h_TD, attention, gradients, saved.compressed)
    return _norm_backward(dh_TD, attention.norm_D, gradients.norm_D, saved.norm).add_(dx_TD)
