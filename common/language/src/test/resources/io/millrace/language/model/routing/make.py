"""Makes routing.safetensors for RoutingParityTest: the experts that the router of Hugging Face transformers 5.18
chooses for 10,000 random tokens, under several settings. Run in this folder: python make.py

Tokens for which two candidates are closer than MARGIN under some setting are drawn again: which of them is chosen
would depend on how a machine rounds. It prints how many those were.
"""
import torch
from safetensors.torch import save_file
from transformers import DeepseekV3Config
from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3TopkRouter

TOKENS, HIDDEN, EXPERTS, MARGIN = 10_000, 12, 32, 1e-5
# name: groups, groups kept, experts of a token, range of the biases
SETTINGS = {
    "ungrouped": (1, 1, 4, (0.0, 0.5)),
    "grouped": (8, 4, 8, (4.5, 5.5)),
    "negative": (4, 2, 6, (-1.0, 0.0)),
    "narrow": (8, 1, 3, (-0.5, 0.5)),
}


def router(name, generator):
    groups, kept, chosen, (low, high) = SETTINGS[name]
    module = DeepseekV3TopkRouter(DeepseekV3Config(
        hidden_size=HIDDEN, n_routed_experts=EXPERTS, num_experts_per_tok=chosen, n_group=groups, topk_group=kept,
        routed_scaling_factor=2.5, norm_topk_prob=True))
    with torch.no_grad():
        module.weight.copy_(torch.randn(EXPERTS, HIDDEN, generator=generator) * 0.5)
        module.e_score_correction_bias.copy_(low + (high - low) * torch.rand(EXPERTS, generator=generator))
    return module


def least_gap(module, x):
    """Between the last chosen and the first refused, of groups and of experts, in float64."""
    scores = torch.sigmoid(x.double() @ module.weight.double().T) + module.e_score_correction_bias.double()
    grouped = scores.view(len(x), module.num_group, -1)
    sums = grouped.topk(2, -1)[0].sum(-1)
    gap = torch.full([len(x)], float("inf"), dtype=torch.float64)
    if module.topk_group < module.num_group:
        ordered = sums.sort(-1, descending=True)[0]
        gap = ordered[:, module.topk_group - 1] - ordered[:, module.topk_group]
    kept = torch.zeros_like(sums).scatter(1, sums.topk(module.topk_group, -1)[1], 1.0).bool()
    candidates = grouped.masked_fill(~kept[..., None], float("-inf")).view(len(x), -1)
    ordered = candidates.sort(-1, descending=True)[0]
    return torch.minimum(gap, ordered[:, module.top_k - 1] - ordered[:, module.top_k])


generator = torch.Generator().manual_seed(3)
routers = {name: router(name, generator) for name in SETTINGS}
with torch.no_grad():
    x = torch.randn(2 * TOKENS, HIDDEN, generator=generator).half().float()
    clear = torch.stack([least_gap(module, x) >= MARGIN for module in routers.values()]).all(0)
    print("drawn again:", int((~clear)[:TOKENS].sum()))
    x = x[clear][:TOKENS]
    tensors = {"x": x.half()}
    for name, module in routers.items():
        _logits, _gates, chosen = module(x)
        tensors[name + ".weight"] = module.weight.detach().clone()
        tensors[name + ".bias"] = module.e_score_correction_bias.clone()
        tensors[name + ".chosen"] = chosen.sort(-1)[0].to(torch.uint8)
save_file(tensors, "routing.safetensors")
