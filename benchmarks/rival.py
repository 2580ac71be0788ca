"""The other side of `benchmarks/run rival`: Hugging Face transformers on PyTorch, eager, float32.

usage: rival.py MODEL_FOLDER THREADS PACKS LENGTH. Reads commands from standard input, one a line, and answers each
with a line of JSON.
  tune                 chooses the fastest of the library's ways to run experts, for training and for decoding
  train STEPS RATE     optimizer steps (fused AdamW, clipping by norm) on the next batches of tokens.bin
  decode TOKENS        greedy tokens of one stream with the key-value cache, by calls of the model
  generate TOKENS      the same by generate() with the library's defaults, as its users do it
  gemm SIZE TIMES      float32 products
"""

import json
import sys
import time
from pathlib import Path

import torch
import transformers

EXPERTS = ("eager", "grouped_mm", "batched_mm")


class Rival:
    def __init__(self, folder: str, packs: int, length: int) -> None:
        self.model = transformers.DeepseekV3ForCausalLM.from_pretrained(
            folder, attn_implementation="sdpa", dtype=torch.float32)
        decayed = [p for p in self.model.parameters() if p.ndim > 1]
        others = [p for p in self.model.parameters() if p.ndim == 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
            lr=1e-3, betas=(0.9, 0.95), eps=1e-8, fused=True)
        tokens = torch.frombuffer(bytearray(Path(folder, "tokens.bin").read_bytes()), dtype=torch.int32)
        self.batches = tokens.long().view(-1, packs, length)
        self.done = 0
        self.training_experts = self.decoding_experts = self.default_experts()
        self.threads = self.decoding_threads = torch.get_num_threads()

    def default_experts(self) -> str:
        return self.model.config._experts_implementation

    def forward_backward(self, ids: torch.Tensor) -> torch.Tensor:
        loss = self.model(input_ids=ids, labels=ids, use_cache=False).loss
        loss.backward()
        return loss

    def step_seconds(self) -> float:
        begin = time.perf_counter()
        self.forward_backward(self.batches[0])
        seconds = time.perf_counter() - begin
        self.optimizer.zero_grad()
        return seconds

    def tune(self) -> dict:
        training, decoding = {}, {}
        self.defaults = self.default_experts()
        for experts in EXPERTS:
            self.training_experts = self.decoding_experts = experts
            self.model.set_experts_implementation(experts)
            self.model.train()
            training[experts] = self.step_seconds()
            # Gigabytes of copied weights (batched_mm on many tokens) are not worth more than one look.
            if training[experts] < 2 * min(training.values()):
                training[experts] = min(self.step_seconds() for _ in range(3))
            for threads in {1, self.threads}:
                self.decoding_threads = threads
                self.decode(10)
                decoding[experts, threads] = self.decode(40)["seconds"]
        self.training_experts = min(training, key=training.get)
        self.decoding_experts, self.decoding_threads = min(decoding, key=decoding.get)
        return {
            "versions": f"transformers {transformers.__version__}, torch {torch.__version__}",
            "experts": f"{self.training_experts} training, {self.decoding_experts} decoding with {self.decoding_threads} threads,"
            f" generate() with its default {self.defaults}"}

    def train(self, steps: int, rate: float) -> dict:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.model.set_experts_implementation(self.training_experts)
        self.model.train()
        begin = time.perf_counter()
        for _ in range(steps):
            loss = self.forward_backward(self.batches[self.done % len(self.batches)])
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0, foreach=True)
            self.optimizer.step()
            self.optimizer.zero_grad()
            value = loss.item()
            self.done += 1
        return {"seconds": time.perf_counter() - begin, "loss": value}

    def decode(self, tokens: int) -> dict:
        # The model itself rather than generate(), whose work around a token costs as much again.
        self.model.set_experts_implementation(self.decoding_experts)
        self.model.eval()
        torch.set_num_threads(self.decoding_threads)
        with torch.inference_mode():
            out = self.model(input_ids=torch.tensor([[1, 2, 3, 4]]), use_cache=True)
            cache = out.past_key_values
            begin = time.perf_counter()
            for _ in range(tokens):
                token = out.logits[:, -1].argmax(-1, keepdim=True)
                out = self.model(input_ids=token, past_key_values=cache, use_cache=True)
            seconds = time.perf_counter() - begin
        torch.set_num_threads(self.threads)
        return {"seconds": seconds}

    def generate(self, tokens: int) -> dict:
        self.model.set_experts_implementation(self.defaults)
        self.model.eval()
        begin = time.perf_counter()
        prompt = torch.tensor([[1, 2, 3, 4]])
        self.model.generate(
            prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=tokens,
            min_new_tokens=tokens, pad_token_id=0)
        return {"seconds": time.perf_counter() - begin}

    @staticmethod
    def gemm(size: int, times: int) -> dict:
        a, b, out = (torch.randn(size, size) for _ in range(3))
        begin = time.perf_counter()
        for _ in range(times):
            torch.mm(a, b, out=out)
        return {"seconds": time.perf_counter() - begin}


def main() -> None:
    folder, threads, packs, length = sys.argv[1], *map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    rival = Rival(folder, packs, length)
    for line in sys.stdin:
        command, *rest = line.split()
        match command:
            case "tune":
                answer = rival.tune()
            case "train":
                answer = rival.train(int(rest[0]), float(rest[1]))
            case "decode":
                answer = rival.decode(int(rest[0]))
            case "generate":
                answer = rival.generate(int(rest[0]))
            case "gemm":
                answer = rival.gemm(int(rest[0]), int(rest[1]))
            case _:
                raise SystemExit(f"unknown command {command}")
        print(json.dumps(answer), flush=True)


main()
