"""Loads the folders that ExportedModels writes with Hugging Face transformers 5.18 and keeps the logits that it
computes, with the SHA-256 of the weights that they belong to. HuggingFaceExportTest makes the same folders again,
compares the digests and then its own logits. Run in this folder:

    (cd REPOSITORY && ./mvnw -pl common/language -am -Dsurefire.failIfNoSpecifiedTests=false \
        -Dtest=HuggingFaceExportTest -Dmillrace.exports=/tmp/exports test)
    python exports.py /tmp/exports
"""
import hashlib
import json
import os
import sys

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
from transformers.modeling_layers import MtpModel

TEXT = "Streams run\n  through 42 mills, über <|user|> all."
CHAT = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Hello 123"}]



def mtp_logits(model, ids):
    """Logits [T - 1, V] of the first MTP module, which transformers has for drafts only."""
    # The pattern by which it finds the modules' tensors knows layer 61 alone.
    model._keys_to_ignore_on_load_unexpected = [rf"model\.layers\.[{model.config.num_hidden_layers}-9]\."]
    module = MtpModel.from_pretrained(model).eval()
    hidden = model.model(ids, use_cache=False).last_hidden_state[:, :-1]
    embedded = module.embed_tokens(ids[:, 1:])
    positions = torch.arange(1, ids.shape[1])[None]
    rotations = module.rotary_emb(embedded, position_ids=positions)
    out = module.layers[0](embedded, hidden, rotations, None, positions, None)
    return module.shared_head(out)[0].contiguous()


source = sys.argv[1]
texts = None
for name in sorted(os.listdir(source)):
    folder = os.path.join(source, name)
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    model.eval()
    assert not info["missing_keys"], (name, info["missing_keys"])
    assert not info["mismatched_keys"], (name, info["mismatched_keys"])
    layers = model.config.num_hidden_layers
    for key in info["unexpected_keys"]:
        assert int(key.split(".")[2]) >= layers, (name, key)  # MTP modules, which transformers does not run
    mtp = len({key.split(".")[2] for key in info["unexpected_keys"]})
    assert model.config.num_nextn_predict_layers == mtp, (name, mtp)
    digest = hashlib.sha256()
    for file in sorted(os.listdir(folder)):
        if file.endswith(".safetensors"):
            digest.update(open(os.path.join(folder, file), "rb").read())
            with safe_open(os.path.join(folder, file), "pt") as tensors:
                for key in tensors.keys():
                    if key.endswith("e_score_correction_bias"):
                        bias = tensors.get_tensor(key)
                        assert bias.dtype == torch.float32 and bias.min() >= 0, (name, key)
    generator = torch.Generator().manual_seed(len(name))
    ids = torch.randint(0, model.config.vocab_size, (1, 16), generator=generator)
    with torch.no_grad():
        logits = model(ids, use_cache=False).logits[0]
        greedy = model.generate(ids, max_new_tokens=8, min_new_tokens=8, do_sample=False)[0, 16:]
        expected = {"ids": ids[0].to(torch.int32), "logits": logits.contiguous(), "greedy": greedy.to(torch.int32)}
        if mtp > 0:
            expected["mtp"] = mtp_logits(model, ids)
    save_file(expected, f"export-{name}.safetensors", {"sha256": digest.hexdigest()})
    tokenizer = AutoTokenizer.from_pretrained(folder)
    generation = GenerationConfig.from_pretrained(folder)
    found = {
        "class": type(tokenizer).__name__, "bos": tokenizer.bos_token, "eos": tokenizer.eos_token_id,
        "ids": tokenizer(TEXT)["input_ids"], "decoded": tokenizer.decode(tokenizer(TEXT)["input_ids"]),
        "chat": tokenizer.apply_chat_template(CHAT, add_generation_prompt=True)["input_ids"],
        "generation_eos": generation.eos_token_id}
    assert texts in (None, found), name  # all have one tokenizer
    texts = found
    print(name, "logits", tuple(logits.shape), "MTP modules", mtp)
with open("exports.json", "w") as out:
    json.dump({"text": TEXT, "chat": CHAT, **texts}, out)
