"""Makes the golden folders of TransformersParityTest: small random DeepseekV3 models saved by Hugging Face
transformers 5.18 and the logits it computes, for one sequence of ids. Run in this folder: python make.py
"""
import json
import os

import torch
from safetensors.torch import save_file
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

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
}

for name, own in MODELS.items():
    torch.manual_seed(len(name))
    keys = {**COMMON, **own}
    model = DeepseekV3ForCausalLM(DeepseekV3Config(**keys, num_key_value_heads=2)).eval()
    with torch.no_grad():
        for key, tensor in list(model.named_parameters()) + list(model.named_buffers()):
            if key.endswith("e_score_correction_bias"):
                tensor.copy_(torch.rand_like(tensor) * 0.5)
            elif key.endswith("norm.weight") or key.endswith("layernorm.weight"):
                tensor.copy_(1 + 0.2 * torch.randn_like(tensor))
            elif "inv_freq" not in key:
                tensor.copy_(0.3 * torch.randn_like(tensor))
    ids = torch.randint(0, 40, (1, 20))
    with torch.no_grad():
        logits = model(ids, use_cache=False).logits[0]
    os.makedirs(name, exist_ok=True)
    model.save_pretrained(name)
    for extra in os.listdir(name):
        if extra not in ("model.safetensors",):
            os.remove(os.path.join(name, extra))
    with open(os.path.join(name, "config.json"), "w") as out:
        json.dump({"architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3",
                   "hidden_act": "silu", "num_nextn_predict_layers": 0, **keys}, out, indent=1)
    save_file({"ids": ids[0].to(torch.int32), "logits": logits.contiguous()}, os.path.join(name, "expected.safetensors"))
