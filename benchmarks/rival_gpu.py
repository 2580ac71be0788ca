"""The other side of `benchmarks/run rival-gpu`: Hugging Face transformers on PyTorch, bfloat16, fused AdamW.

usage: rival_gpu.py MODEL_FOLDER DEVICE PACKS LENGTH. Reads commands from standard input, one a line, and answers each
with a line of JSON: seconds of each step, or an error.
  EXPERTS autocast     float32 weights, bfloat16 by autocast
  EXPERTS pure         weights in bfloat16 too
EXPERTS is one of the library's ways to run experts. It trains no multi-token prediction.
"""
import json
import sys
import time

import torch
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

WARM, STEPS = 3, 5
folder, device, packs, length = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def synchronise():
    if device != "cpu":
        torch.cuda.synchronize()


def train(experts, pure):
    config = DeepseekV3Config.from_json_file(folder + "/config.json")
    model = DeepseekV3ForCausalLM(config).to(device).train()
    model.set_experts_implementation(experts)
    if pure:
        model = model.to(torch.bfloat16)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    ids = torch.randint(0, config.vocab_size, (packs, length), device=device)
    seconds = []
    for _ in range(WARM + STEPS):
        synchronise()
        begin = time.perf_counter()
        with torch.autocast(device.split(":")[0], dtype=torch.bfloat16, enabled=not pure):
            loss = model(input_ids=ids, labels=ids, use_cache=False).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        synchronise()
        seconds.append(time.perf_counter() - begin)
    return seconds[WARM:]


for line in sys.stdin:
    experts, weights = line.split()
    try:
        answer = {"seconds": train(experts, weights == "pure")}
    except Exception as e:  # what it cannot do or has no memory for is an answer too
        answer = {"error": (str(e).splitlines() or [repr(e)])[0]}
    if device != "cpu":
        torch.cuda.empty_cache()
    print(json.dumps(answer), flush=True)
