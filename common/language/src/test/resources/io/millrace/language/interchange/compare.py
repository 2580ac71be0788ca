"""Compares what ./millrace score says about a model folder with what Hugging Face transformers 5.18 does. Run in
the repository's root: python compare.py FOLDER TEXT [TOKENS], TOKENS to be generated beside."""
import json
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

folder, text = sys.argv[1:3]
tokens = sys.argv[3] if len(sys.argv) > 3 else "32"
with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
    command = ["./millrace", "score", folder, "--text", text, "--generate", tokens, "--logits", file.name]
    ours = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    logits = load_file(file.name)["logits"]
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
ids = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")["input_ids"]
with torch.no_grad():
    theirs = model(ids, use_cache=False).logits[0]
    greedy = model.generate(ids, max_new_tokens=int(tokens), do_sample=False)[0, ids.shape[1]:].tolist()
log_probs = torch.log_softmax(theirs.double(), -1)[:-1].gather(1, ids[0, 1:, None])[:, 0]
print("tokens equal:          ", ids[0].tolist() == ours["ids"], f"({ids.shape[1]})")
print("logits differ by:      ", f"{(logits - theirs).abs().max().item():.1e} of at most {theirs.abs().max().item():.1f}")
print("log-probabilities by:  ", f"{(log_probs - torch.tensor(ours['log_probs']).double()).abs().max().item():.1e}")
print("greedy tokens equal:   ", greedy == ours["generated"][:len(greedy)], f"({len(greedy)})")
