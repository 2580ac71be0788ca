"""Makes the golden folders of TransformersParityTest: small random DeepseekV3 models saved by Hugging Face
transformers 5.18 and the logits it computes, for one sequence of ids. Run in this folder: python make.py
"""
import copy
import json
import os

import torch
from safetensors.torch import load_file, save_file
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM
from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3DecoderLayer, DeepseekV3RMSNorm

COMMON = dict(
    vocab_size=40, hidden_size=24, intermediate_size=32, moe_intermediate_size=8, num_hidden_layers=2,
    num_attention_heads=2, kv_lora_rank=10, qk_nope_head_dim=6, qk_rope_head_dim=4, v_head_dim=8,
    n_routed_experts=8, n_shared_experts=1, num_experts_per_tok=3, norm_topk_prob=True,
    routed_scaling_factor=2.5, max_position_embeddings=64, rms_norm_eps=1e-6, rope_theta=10000.0,
    initializer_range=0.02, tie_word_embeddings=False, eos_token_id=0)
MODELS = {
    "compressed-grouped": dict(q_lora_rank=12, n_group=4, topk_group=2, first_k_dense_replace=1),
    "direct": dict(q_lora_rank=None, n_group=1, topk_group=1, first_k_dense_replace=0),
    "tied-two-shared": dict(
        q_lora_rank=12, n_group=2, topk_group=1, first_k_dense_replace=1, n_shared_experts=2,
        tie_word_embeddings=True, norm_topk_prob=False),
    "yarn": dict(
        q_lora_rank=12, n_group=2, topk_group=1, first_k_dense_replace=1, max_position_embeddings=64,
        rope_scaling=dict(
            type="yarn", factor=4.0, original_max_position_embeddings=16, beta_fast=32.0, beta_slow=1.0,
            mscale=1.0, mscale_all_dim=0.7)),
    "attention-biases": dict(
        q_lora_rank=12, n_group=1, topk_group=1, first_k_dense_replace=1, attention_bias=True),
    "all-dense": dict(q_lora_rank=None, n_group=2, topk_group=1, first_k_dense_replace=2),
    "negative-biases": dict(q_lora_rank=None, n_group=4, topk_group=2, first_k_dense_replace=0),
    "ahead": dict(
        q_lora_rank=12, n_group=2, topk_group=1, first_k_dense_replace=1, num_nextn_predict_layers=2),
}


def randomise(module, negative):
    for key, tensor in list(module.named_parameters()) + list(module.named_buffers()):
        if key.endswith("e_score_correction_bias"):
            tensor.copy_(torch.rand_like(tensor) * 0.5 - (1.0 if negative else 0.0))
        elif key.endswith("norm.weight") or key.endswith("layernorm.weight"):
            tensor.copy_(1 + 0.2 * torch.randn_like(tensor))
        elif "inv_freq" not in key:
            tensor.copy_(0.3 * torch.randn_like(tensor))


class Ahead(torch.nn.Module):
    """A multi-token prediction module as released (arXiv 2412.19437, section 2.2), of transformers' parts."""

    def __init__(self, config, layer):
        super().__init__()
        self.enorm = DeepseekV3RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.hnorm = DeepseekV3RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.eh_proj = torch.nn.Linear(2 * config.hidden_size, config.hidden_size, bias=False)
        self.block = DeepseekV3DecoderLayer(config, layer)
        self.norm = DeepseekV3RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, embedded, hidden, rotary):
        x = self.eh_proj(torch.cat([self.enorm(embedded), self.hnorm(hidden)], -1))
        n = x.shape[1]
        mask = torch.full((1, 1, n, n), float("-inf")).triu(1)
        return self.block(x, attention_mask=mask, position_embeddings=rotary)

    def released(self, layer):
        names = {"norm.": "shared_head.norm."}
        tensors = {}
        for key, tensor in self.state_dict().items():
            key = key.removeprefix("block.")
            if key.startswith("norm."):
                key = names["norm."] + key.removeprefix("norm.")
            if key in ("mlp.experts.gate_up_proj", "mlp.experts.down_proj"):
                for e in range(tensor.shape[0]):
                    parts = tensor[e].chunk(2) if "gate_up" in key else [tensor[e]]
                    kinds = ["gate_proj", "up_proj"] if "gate_up" in key else ["down_proj"]
                    for kind, part in zip(kinds, parts):
                        tensors[f"model.layers.{layer}.mlp.experts.{e}.{kind}.weight"] = part.contiguous()
            else:
                tensors[f"model.layers.{layer}.{key}"] = tensor
        return tensors


def ahead(name, model, depth, ids):
    """Logits of every module, with token 0 behind the end, added to the saved folder."""
    config = copy.deepcopy(model.config)
    config.num_hidden_layers += depth
    hidden = model.model(ids, use_cache=False).last_hidden_state
    rotary = model.model.rotary_emb(hidden, torch.arange(ids.shape[1])[None])
    file = os.path.join(name, "model.safetensors")
    tensors = load_file(file)
    following, logits = ids, {}
    for k in range(depth):
        layer = model.config.num_hidden_layers + k
        module = Ahead(config, layer).eval()
        randomise(module, False)
        following = torch.cat([following[:, 1:], torch.zeros_like(following[:, :1])], 1)
        hidden = module(model.model.embed_tokens(following), hidden, rotary)
        logits[f"ahead{k}"] = model.lm_head(module.norm(hidden))[0].contiguous()
        tensors.update(module.released(layer))
    save_file(tensors, file, {"format": "pt"})
    return logits


for name, own in MODELS.items():
    torch.manual_seed(len(name))
    keys = {**COMMON, **own}
    model = DeepseekV3ForCausalLM(DeepseekV3Config(**copy.deepcopy(keys), num_key_value_heads=2)).eval()
    with torch.no_grad():
        randomise(model, name == "negative-biases")
    ids = torch.randint(0, 40, (1, 20))
    with torch.no_grad():
        logits = model(ids, use_cache=False).logits[0]
    os.makedirs(name, exist_ok=True)
    model.save_pretrained(name)
    for extra in os.listdir(name):
        if extra not in ("model.safetensors",):
            os.remove(os.path.join(name, extra))
    further = {}
    if own.get("num_nextn_predict_layers", 0) > 0:
        with torch.no_grad():
            further = ahead(name, model, own["num_nextn_predict_layers"], ids)
    with open(os.path.join(name, "config.json"), "w") as out:
        json.dump({"architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3",
                   "hidden_act": "silu", "num_nextn_predict_layers": 0, **keys}, out, indent=1)
    save_file({"ids": ids[0].to(torch.int32), "logits": logits.contiguous(), **further}, os.path.join(name, "expected.safetensors"))
