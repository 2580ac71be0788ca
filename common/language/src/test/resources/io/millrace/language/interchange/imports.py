"""Makes the folders of HuggingFaceFolderTest with Hugging Face transformers 5.18: current keys in config.json,
BF16 in shards, F16, experts fused as transformers 5 has them in memory, and FP8 with 128 x 128 scales as DeepSeek
releases it; beside each the weights in float32 and the logits that transformers computes of them.
Run in this folder: python imports.py
"""
import json
import math
import os
import shutil

import torch
from safetensors.torch import load_file, save_file
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

COMMON = dict(
    vocab_size=40, hidden_size=24, intermediate_size=32, moe_intermediate_size=8, num_hidden_layers=2,
    num_attention_heads=2, num_key_value_heads=2, q_lora_rank=12, kv_lora_rank=10, qk_nope_head_dim=6,
    qk_rope_head_dim=4, v_head_dim=8, n_routed_experts=8, n_shared_experts=1, num_experts_per_tok=3, n_group=4,
    topk_group=2, first_k_dense_replace=1, max_position_embeddings=64, eos_token_id=0, bos_token_id=None)
WIDE = dict(hidden_size=132, intermediate_size=140, n_routed_experts=2, num_experts_per_tok=1, n_group=1,
            topk_group=1, moe_intermediate_size=4, q_lora_rank=None, num_hidden_layers=2)
FOLDERS = {
    "bf16-shards": (torch.bfloat16, {}), "f16": (torch.float16, dict(q_lora_rank=None)),
    "fused": (torch.float32, dict(tie_word_embeddings=True)), "fp8": (torch.float32, WIDE)}
BLOCK = 128


def read(folder):
    tensors = {}
    for file in os.listdir(folder):
        if file.endswith(".safetensors"):
            tensors.update(load_file(os.path.join(folder, file)))
    return tensors


def blocks(scale, shape):
    return scale.repeat_interleave(BLOCK, 0).repeat_interleave(BLOCK, 1)[:shape[0], :shape[1]]


def quantise(weight):
    rows, columns = weight.shape
    padded = torch.zeros(math.ceil(rows / BLOCK) * BLOCK, math.ceil(columns / BLOCK) * BLOCK)
    padded[:rows, :columns] = weight
    tiles = padded.view(padded.shape[0] // BLOCK, BLOCK, -1, BLOCK)
    scale = tiles.abs().amax((1, 3)).clamp(min=1e-4) / 448
    return (weight / blocks(scale, weight.shape)).to(torch.float8_e4m3fn), scale


for name, (dtype, own) in FOLDERS.items():
    torch.manual_seed(len(name))
    model = DeepseekV3ForCausalLM(DeepseekV3Config(**{**COMMON, **own})).eval()
    with torch.no_grad():
        for key, tensor in list(model.named_parameters()) + list(model.named_buffers()):
            if key.endswith("e_score_correction_bias"):
                tensor.copy_(torch.rand_like(tensor) - 0.5)
            elif key.endswith("norm.weight"):
                tensor.copy_(1 + 0.2 * torch.randn_like(tensor))
            elif "inv_freq" not in key:
                tensor.copy_(0.3 * torch.randn_like(tensor))
    shutil.rmtree(name, ignore_errors=True)
    biases = {k: v.clone() for k, v in model.state_dict().items() if k.endswith("e_score_correction_bias")}
    model = model.to(dtype)
    model.save_pretrained(name, max_shard_size="10KB" if name == "bf16-shards" else "5GB")
    for extra in os.listdir(name):
        if not (extra == "config.json" or extra.startswith("model")):
            os.remove(os.path.join(name, extra))
    tensors = read(name)
    if name == "fused":
        tensors = {k: v for k, v in tensors.items() if ".mlp.experts." not in k}
        tensors.update({k: v for k, v in model.state_dict().items() if ".mlp.experts." in k})
        save_file(tensors, os.path.join(name, "model.safetensors"), {"format": "pt"})
    if name == "fp8":
        for key in [k for k in tensors if k.endswith("proj.weight") or k.endswith("_mqa.weight")]:
            tensors[key], tensors[key + "_scale_inv"] = quantise(tensors[key].float())
        save_file(tensors, os.path.join(name, "model.safetensors"), {"format": "pt"})
        with open(os.path.join(name, "config.json")) as file:
            config = json.load(file)
        config["quantization_config"] = {"quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic",
                                         "weight_block_size": [BLOCK, BLOCK]}
        with open(os.path.join(name, "config.json"), "w") as file:
            json.dump(config, file, indent=1)
    # What the folder means, in float32.
    plain = {k: v.float() * blocks(tensors[k + "_scale_inv"], v.shape) if k + "_scale_inv" in tensors else v.float()
             for k, v in tensors.items() if not k.endswith("_scale_inv")}
    model = DeepseekV3ForCausalLM(DeepseekV3Config(**{**COMMON, **own})).eval()  # with rotary frequencies in float32
    state = model.state_dict()
    for key in state:
        if key.endswith("experts.gate_up_proj") and key not in plain:
            stem = key.removesuffix("gate_up_proj")
            state[key] = torch.stack([torch.cat([plain[f"{stem}{e}.gate_proj.weight"], plain[f"{stem}{e}.up_proj.weight"]])
                                      for e in range(state[key].shape[0])])
        elif key.endswith("experts.down_proj") and key not in plain:
            stem = key.removesuffix("down_proj")
            state[key] = torch.stack([plain[f"{stem}{e}.down_proj.weight"] for e in range(state[key].shape[0])])
        elif key in plain:
            state[key] = plain[key]
    state = {k: v.clone() for k, v in state.items()}
    if model.config.tie_word_embeddings:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model.load_state_dict(state)
    ids = torch.randint(0, 40, (1, 20))
    with torch.no_grad():
        logits = model(ids, use_cache=False).logits[0]
    expected = {"ids": ids[0].to(torch.int32), "logits": logits.contiguous()}
    if name != "fp8":  # large, and the logits depend on all of them
        expected.update({"tensor." + k: v.contiguous() for k, v in plain.items()})
    save_file(expected, os.path.join(name, "expected.safetensors"))
    print(name, {str(v.dtype) for v in tensors.values()}, sum(os.path.getsize(os.path.join(name, f)) for f in os.listdir(name)))
