"""The other side of `benchmarks/run rival detector`: the same CenterNet in PyTorch, eager, float32, channels last.

usage: rival_detector.py FOLDER THREADS BATCH. The folder holds config.json and model.safetensors of a detector with a
residual backbone, a top-down neck and the head of CenterNet, pixels.bin (bytes, [batches, BATCH, height, width, 3]) and
boxes.json (for each batch, rows of picture, class, centre x, centre y, width, height in pixels). Reads commands from
standard input, one a line, and answers each with a line of JSON.
  train STEPS RATE     optimizer steps (fused AdamW, clipping by norm) on the next batches
  detect STEPS         single pictures, network and decoding
"""

import json
import struct
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

FORMATS = {"F32": torch.float32}
STRIDE = 4


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


class CenterNet(torch.nn.Module):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.config = json.loads((folder / "config.json").read_text())
        self.group = self.config["layers"]["group_size"]
        self.weights = torch.nn.ParameterDict()
        for name, value in tensors(folder / "model.safetensors").items():
            layout = torch.channels_last if value.ndim == 4 else torch.contiguous_format
            self.weights[name.replace(".", "/")] = torch.nn.Parameter(value.contiguous(memory_format=layout))

    def weight(self, name: str) -> torch.Tensor:
        return self.weights[name.replace(".", "/")]

    def conv(self, x: torch.Tensor, name: str, stride: int = 1, active: bool = True) -> torch.Tensor:
        y = F.conv2d(x, self.weight(name + ".conv.weight"), stride=stride, padding=1)
        y = F.group_norm(y, y.shape[1] // self.group, self.weight(name + ".norm.weight"), self.weight(name + ".norm.bias"))
        return F.relu(y) if active else y

    def pointwise(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.conv2d(x, self.weight(name + ".weight"), self.weight(name + ".bias"))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.conv(x, "stem", 2)
        levels = []
        for stage, blocks in enumerate(self.config["backbone"]["blocks"], 1):
            x = self.conv(x, f"stage{stage}.down", 2)
            for block in range(blocks):
                y = self.conv(x, f"stage{stage}.block{block}.first")
                x = F.relu(x + self.conv(y, f"stage{stage}.block{block}.second", active=False))
            levels.append(x)
        top = self.pointwise(levels[-1], f"neck.lateral{len(levels)}")
        for level in range(len(levels) - 1, 0, -1):
            lateral = self.pointwise(levels[level - 1], f"neck.lateral{level}")
            top = lateral + F.interpolate(top, size=lateral.shape[2:], mode="nearest")
        x = self.conv(self.conv(top, "neck.smooth"), "head.hidden")
        return self.pointwise(x, "head.heat"), self.pointwise(x, "head.box")


def radius(width: torch.Tensor, height: torch.Tensor) -> torch.Tensor:
    """As CenterNet's published code has it."""
    overlap, w, h = 0.7, torch.ceil(width), torch.ceil(height)
    total, area = w + h, w * h
    r1 = (total + torch.sqrt(total**2 - 4 * area * (1 - overlap) / (1 + overlap))) / 2
    r2 = (2 * total + torch.sqrt(4 * total**2 - 16 * (1 - overlap) * area)) / 2
    r3 = (torch.sqrt(4 * overlap**2 * total**2 + 16 * overlap * (1 - overlap) * area) - 2 * overlap * total) / 2
    return torch.floor(torch.minimum(torch.minimum(r1, r2), r3)).clamp(min=0)


def targets(boxes: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    n, c, h, w = shape
    spread = radius(boxes[:, 4], boxes[:, 5])[:, None]
    sigma = 2 * ((2 * spread + 1) / 6) ** 2
    dx = torch.arange(w) - torch.floor(boxes[:, 2:3])
    dy = torch.arange(h) - torch.floor(boxes[:, 3:4])
    gx = torch.exp(-(dx**2) / sigma) * (dx.abs() <= spread)
    gy = torch.exp(-(dy**2) / sigma) * (dy.abs() <= spread)
    maps = (boxes[:, 0] * c + boxes[:, 1]).long()
    heat = torch.zeros(n * c, h, w)
    heat.index_reduce_(0, maps, gy[:, :, None] * gx[:, None, :], "amax")
    return heat.view(shape)


def loss(logits: torch.Tensor, found: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    target = targets(boxes, logits.shape)
    score = torch.sigmoid(logits)
    centre = (target == 1).float()
    positive = (1 - score) ** 2 * F.logsigmoid(logits) * centre
    negative = score**2 * F.logsigmoid(-logits) * (1 - target) ** 4
    heat = -(positive + negative).sum() / centre.sum().clamp(min=1)
    x, y = torch.floor(boxes[:, 2]).long(), torch.floor(boxes[:, 3]).long()
    own = found[boxes[:, 0].long(), :, y, x]
    values = 2 * len(boxes) + 1e-4
    offset = (own[:, :2] - torch.stack([boxes[:, 2] - x, boxes[:, 3] - y], 1)).abs().sum() / values
    size = (own[:, 2:] - boxes[:, 4:6]).abs().sum() / values
    return heat + offset + 0.1 * size


def peaks(logits: torch.Tensor, found: torch.Tensor, most: int) -> torch.Tensor:
    score = torch.sigmoid(logits)
    score = score * (F.max_pool2d(score, 3, 1, 1) == score)
    n, _, h, w = score.shape
    best, at = score.flatten(1).topk(most)
    cell = at % (h * w)
    box = found.flatten(2).gather(2, cell[:, None].expand(n, 4, most))
    x, y = cell % w + box[:, 0], cell // w + box[:, 1]
    sides = [x - box[:, 2] / 2, y - box[:, 3] / 2, box[:, 2], box[:, 3]]
    return torch.stack([*[side * STRIDE for side in sides], best, (at // (h * w)).float()], 2)


class Rival:
    def __init__(self, folder: Path, batch: int) -> None:
        self.model = CenterNet(folder)
        parameters = list(self.model.parameters())
        self.optimizer = torch.optim.AdamW(
            [{"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.02},
             {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0}],
            lr=1e-3, betas=(0.9, 0.99), eps=1e-8, fused=True)
        height, width = self.model.config["input_height"], self.model.config["input_width"]
        pixels = torch.frombuffer(bytearray((folder / "pixels.bin").read_bytes()), dtype=torch.uint8)
        self.pixels = pixels.view(-1, batch, height, width, 3)
        rows = json.loads((folder / "boxes.json").read_text())
        self.boxes = [torch.tensor(some) / torch.tensor([1, 1] + [STRIDE] * 4) for some in rows]
        self.done = 0

    def normalised(self, pixels: torch.Tensor) -> torch.Tensor:
        return (pixels.float() * (1 / 127.5) - 1).permute(0, 3, 1, 2)

    def augmented(self, x: torch.Tensor) -> torch.Tensor:
        affine = torch.tensor([[1.0, 0, 0], [0, 1, 0]]).expand(len(x), 2, 3)
        moved = F.grid_sample(x, F.affine_grid(affine, x.shape, align_corners=False), align_corners=False)
        return moved.clamp(-1, 1).contiguous(memory_format=torch.channels_last)

    def train(self, steps: int, rate: float) -> dict:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        begin = time.perf_counter()
        for _ in range(steps):
            at = self.done % len(self.boxes)
            total = loss(*self.model(self.augmented(self.normalised(self.pixels[at]))), self.boxes[at])
            self.optimizer.zero_grad()
            total.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 10.0)
            self.optimizer.step()
            self.done += 1
        return {"seconds": time.perf_counter() - begin, "loss": total.item()}

    @torch.inference_mode()
    def detect(self, steps: int) -> dict:
        begin = time.perf_counter()
        for i in range(steps):
            picture = self.pixels[i % len(self.boxes)][:1]
            peaks(*self.model(self.normalised(picture)), 100).tolist()
        return {"seconds": time.perf_counter() - begin}


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
        else:
            raise ValueError(command)
        answer["versions"] = f"torch {torch.__version__}"
        print(json.dumps(answer), flush=True)


main()
