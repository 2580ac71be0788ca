# How far two ways to compute layers with experts are from each other.
import torch
from torch import Tensor


def experts_apart(weights: Weights, x_TD: Tensor, shape: Shape) -> Tensor:
    """The largest difference, and the largest value, of all layers."""
    apart = torch.zeros([2], dtype=x_TD.dtype)
    for layer in weights.layers:
        experts = layer.experts
        if experts is not None:
            logits_TE = _plus(torch.linear(x_TD, experts.router_ED), experts.router_bias_E)
            gates_TK, choice = _routed(logits_TE, experts.selection_bias_E, shape)
            many = _many_experts(x_TD, gates_TK, choice.chosen_TK, experts, shape)
            gates_TE = _gates_of_all(logits_TE, experts.selection_bias_E, shape)
            every = _unit(x_TD, experts.shared) + _every_expert(x_TD, gates_TE, experts)
            largest = torch.stack([torch.amax(torch.abs(many - every)), torch.amax(torch.abs(many))])
            apart = torch.maximum(apart, largest)
    return apart
