"""The other side of `benchmarks/run rival detector`: the same detector in PyTorch, eager, float32, channels last.

usage: rival_detector.py FOLDER THREADS BATCH. The folder holds config.json and model.safetensors of a detector with a
residual backbone and a head of rival_heads.py, pixels.bin (bytes, [batches, BATCH, height, width, 3]) and boxes.json (for
each batch, rows of picture, class, centre x, centre y, width, height in pixels). Reads commands from standard input, one a
line, and answers each with a line of JSON.
  train STEPS RATE     optimizer steps (fused AdamW, clipping by norm) on the next batches
  detect STEPS         single pictures: network, decoding and suppression
  shares STEPS         of the time of operations of more training steps, the share of convolutions and matrix products
"""

import json
import struct
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from rival_heads import HEADS, ops

FORMATS = {"F32": torch.float32}
PRODUCTS = ("convolution", "conv2d", "addmm", "aten::mm", "aten::bmm", "aten::linear")
ACTIVATIONS = {"relu": F.relu, "prelu": F.prelu, "leaky_relu_0.1": lambda x: F.leaky_relu(x, 0.1)}


def tensors(file: Path) -> dict[str, torch.Tensor]:
    data = file.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    body = bytearray(data[8 + size :])
    found = {}
    for name, info in header.items():
        if name != "__metadata__":
            begin, end = info["data_offsets"]
            flat = torch.frombuffer(body, dtype=FORMATS[info["dtype"]], count=(end - begin) // 4, offset=begin)
            found[name] = flat.reshape(info["shape"]).clone()
    return found


class Detector(torch.nn.Module):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.config = json.loads((folder / "config.json").read_text())
        self.group = self.config["layers"]["group_size"]
        self.active = ACTIVATIONS[self.config["layers"]["activation"]]
        self.weights = torch.nn.ParameterDict()
        for name, value in tensors(folder / "model.safetensors").items():
            layout = torch.channels_last if value.ndim == 4 else torch.contiguous_format
            self.weights[name.replace(".", "/")] = torch.nn.Parameter(value.contiguous(memory_format=layout))
        self.head = HEADS[self.config["head"]["type"]](self, self.config)

    def weight(self, name: str) -> torch.Tensor:
        return self.weights[name.replace(".", "/")]

    def conv(self, x: torch.Tensor, name: str, stride: int = 1, active: bool = True, own: str = ".conv") -> torch.Tensor:
        y = F.conv2d(x, self.weight(name + own + ".weight"), stride=stride, padding=1)
        y = F.group_norm(y, y.shape[1] // self.group, self.weight(name + ".norm.weight"), self.weight(name + ".norm.bias"))
        return self.active(y) if active else y

    def plain(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.conv2d(x, self.weight(name + ".weight"), self.weight(name + ".bias"))

    def wide(self, x: torch.Tensor, name: str, stride: int = 1) -> torch.Tensor:
        return F.conv2d(x, self.weight(name + ".weight"), self.weight(name + ".bias"), stride=stride, padding=1)

    def linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, self.weight(name + ".weight"), self.weight(name + ".bias"))

    def backbone(self, x: torch.Tensor) -> list[torch.Tensor]:
        if self.config["backbone"]["type"] == "pixels":
            return [x]
        if self.config["backbone"]["type"] == "darknet":
            return self.darknet(x)
        x = self.conv(x, "stem", 2)
        levels = []
        for stage, blocks in enumerate(self.config["backbone"]["blocks"], 1):
            x = self.conv(x, f"stage{stage}.down", 2)
            for block in range(blocks):
                y = self.conv(x, f"stage{stage}.block{block}.first")
                x = self.active(x + self.conv(y, f"stage{stage}.block{block}.second", active=False))
            levels.append(x)
        return levels

    def darknet(self, x: torch.Tensor) -> list[torch.Tensor]:
        """That of Fast YOLO: a pooling before each convolution but the first one, and the last two of all stages."""
        levels = []
        number = 1
        while f"backbone/conv{number}/weight" in self.weights:
            x = self.conv(F.max_pool2d(x, 2) if 1 < number < 8 else x, f"backbone.conv{number}", own="")
            levels.append(x)
            number += 1
        return levels[2:]

    def neck(self, levels: list[torch.Tensor]) -> list[torch.Tensor]:
        neck = self.config["neck"]
        if self.config["backbone"]["type"] == "pixels":
            return levels
        if neck["type"] == "none":
            return [levels[at] for at in range(len(levels)) if 4 << at in neck["strides"]]
        if neck["type"] == "top_down":
            top = self.plain(levels[-1], f"neck.lateral{len(levels)}")
            for level in range(len(levels) - 1, 0, -1):
                lateral = self.plain(levels[level - 1], f"neck.lateral{level}")
                top = lateral + F.interpolate(top, size=lateral.shape[2:], mode="nearest")
            return [self.conv(top, "neck.smooth")]
        used = [level for at, level in enumerate(levels) if 4 << at >= neck["strides"][0]]
        inner = self.plain(used[-1], f"neck.lateral{len(used) - 1}")
        found = [self.wide(inner, f"neck.output{len(used) - 1}")]
        for at in range(len(used) - 2, -1, -1):
            lateral = self.plain(used[at], f"neck.lateral{at}")
            inner = lateral + F.interpolate(inner, size=lateral.shape[2:], mode="nearest")
            found.insert(0, self.wide(inner, f"neck.output{at}"))
        for extra in range(len(neck["strides"]) - len(used)):
            if neck["extra"] == "pooling":
                found.append(F.max_pool2d(found[-1], 1, 2))
            else:
                found.append(self.wide(F.relu(found[-1]) if extra else found[-1], f"neck.extra{extra}", 2))
        return found

    def forward(self, x: torch.Tensor):
        return self.head.forward(self.neck(self.backbone(x)))


class Watch:
    """Time by the clock, and time of processors that this process took."""

    def __init__(self) -> None:
        self.begin, self.processors = time.perf_counter(), time.process_time()

    def read(self) -> dict:
        return {"seconds": time.perf_counter() - self.begin, "cpu": time.process_time() - self.processors}


class Rival:
    def __init__(self, folder: Path, batch: int) -> None:
        self.model = Detector(folder)
        parameters = list(self.model.parameters())
        self.optimizer = torch.optim.AdamW(
            [{"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.02},
             {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0}],
            lr=1e-3, betas=(0.9, 0.99), eps=1e-8, fused=True)
        height, width = self.model.config["input_height"], self.model.config["input_width"]
        pixels = torch.frombuffer(bytearray((folder / "pixels.bin").read_bytes()), dtype=torch.uint8)
        self.pixels = pixels.view(-1, batch, height, width, 3)
        self.boxes = [torch.tensor(some) for some in json.loads((folder / "boxes.json").read_text())]
        self.done = 0

    def normalised(self, pixels: torch.Tensor) -> torch.Tensor:
        return (pixels.float() * (1 / 127.5) - 1).permute(0, 3, 1, 2)

    def augmented(self, x: torch.Tensor) -> torch.Tensor:
        affine = torch.tensor([[1.0, 0, 0], [0, 1, 0]]).expand(len(x), 2, 3)
        moved = F.grid_sample(x, F.affine_grid(affine, x.shape, align_corners=False), align_corners=False)
        return moved.clamp(-1, 1).contiguous(memory_format=torch.channels_last)

    def train(self, steps: int, rate: float) -> dict:
        self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        watch = Watch()
        for _ in range(steps):
            at = self.done % len(self.boxes)
            total = self.model.head.loss(self.model(self.augmented(self.normalised(self.pixels[at]))), self.boxes[at])
            self.optimizer.zero_grad()
            total.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 10.0)
            self.optimizer.step()
            self.done += 1
        return {**watch.read(), "loss": total.item()}

    def shares(self, steps: int) -> dict:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
            self.train(steps, 0.0)
        times = {event.key: event.self_cpu_time_total for event in profile.key_averages()}
        products = sum(time for key, time in times.items() if any(name in key for name in PRODUCTS))
        return {"products": products / sum(times.values())}

    @torch.inference_mode()
    def detect(self, steps: int) -> dict:
        self.model.eval()
        watch = Watch()
        for i in range(steps):
            picture = self.pixels[i % len(self.boxes)][:1]
            self.model.head.decode(self.model(self.normalised(picture))).tolist()
        return watch.read()


def main() -> None:
    folder, threads, batch = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    rival = Rival(folder, batch)
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "train":
            answer = rival.train(int(arguments[0]), float(arguments[1]))
        elif command == "detect":
            answer = rival.detect(int(arguments[0]))
        elif command == "shares":
            answer = rival.shares(int(arguments[0]))
        else:
            raise ValueError(command)
        answer["versions"] = f"torch {torch.__version__}" + (" with torchvision" if ops else "")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
