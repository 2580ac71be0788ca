"""The other side of `benchmarks/run rival classify`: the same linear layers in PyTorch, eager, float32.

Arguments: a folder with config.json, model.safetensors, rows.bin (float32, [rows, columns]) and classes.bin (int64, [rows]),
threads, and rows a step. Reads commands from standard input, one a line, and answers each with a line of JSON.

  train STEPS RATE     optimizer steps on the batches in turn: seconds and the last loss
"""

import json
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file


def network(folder: Path) -> torch.nn.Sequential:
    config = json.loads((folder / "config.json").read_text())
    weights = load_file(folder / "model.safetensors")
    layers = []
    names = [f"head.layer{i}" for i in range(len(config["head"].get("layers", [])))] + ["head.last"]
    for name in names:
        weight = weights[name + ".weight"]
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            linear.weight.copy_(weight)
            linear.bias.copy_(weights[name + ".bias"])
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


class Side:
    def __init__(self, folder: Path, batch: int) -> None:
        self.model = network(folder)
        columns = self.model[0].in_features
        rows = torch.frombuffer(bytearray((folder / "rows.bin").read_bytes()), dtype=torch.float32).view(-1, columns)
        classes = torch.frombuffer(bytearray((folder / "classes.bin").read_bytes()), dtype=torch.int64)
        self.rows, self.classes = rows.split(batch), classes.split(batch)
        decayed = [value for name, value in self.model.named_parameters() if name.endswith("weight")]
        others = [value for name, value in self.model.named_parameters() if not name.endswith("weight")]
        groups = [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99), eps=1e-8, fused=True)
        self.done = 0

    def train(self, steps: int, rate: float) -> dict:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        begin = time.perf_counter()
        for _ in range(steps):
            at = self.done % len(self.rows)
            self.done += 1
            loss = F.cross_entropy(self.model(self.rows[at]), self.classes[at])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 10)
            self.optimizer.step()
        return {"seconds": time.perf_counter() - begin, "loss": loss.item(), "versions": "PyTorch " + torch.__version__}


def main() -> None:
    folder, threads, batch = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    side = Side(folder, batch)
    for line in sys.stdin:
        _command, steps, rate = line.split()
        print(json.dumps(side.train(int(steps), float(rate))), flush=True)


if __name__ == "__main__":
    main()
