"""Makes backbones.json: what torchvision's ResNet and VGG-16 give for weights and a picture made by formulas.

The modules have torchvision's structure and names (torchvision/models/resnet.py, vgg.py); a picture is normalised as its
pretrained weights expect it. Run with PyTorch (any version): python golden.py > backbones.json
"""
import json
import sys
import zlib

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, before, inside, stride, bottleneck, stride_in_1x1):
        super().__init__()
        after = inside * (4 if bottleneck else 1)
        shapes = [(before, inside, 3, stride), (inside, after, 3, 1)]
        if bottleneck:
            first, second = (stride, 1) if stride_in_1x1 else (1, stride)
            shapes = [(before, inside, 1, first), (inside, inside, 3, second), (inside, after, 1, 1)]
        self.count = len(shapes)
        for i, (a, b, k, s) in enumerate(shapes, 1):
            setattr(self, f"conv{i}", nn.Conv2d(a, b, k, s, k // 2, bias=False))
            setattr(self, f"bn{i}", nn.BatchNorm2d(b))
        self.downsample = None
        if stride != 1 or before != after:
            self.downsample = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        y = x
        for i in range(1, self.count + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            y = torch.relu(y) if i < self.count else y
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, counts, bottleneck, stride_in_1x1):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        before = 64
        self.stages = len(counts)
        for stage, count in enumerate(counts):
            blocks = []
            for i in range(count):
                stride = 2 if stage > 0 and i == 0 else 1
                blocks.append(Block(before, 64 << stage, stride, bottleneck, stride_in_1x1))
                before = (64 << stage) * (4 if bottleneck else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = nn.functional.max_pool2d(x, 3, 2, 1)
        levels = []
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
            levels.append(x)
        return levels


class Vgg(nn.Module):
    def __init__(self, norm):
        super().__init__()
        layers, before, self.taken = [], 3, []
        for block, widths in enumerate([[64] * 2, [128] * 2, [256] * 3, [512] * 3, [512] * 3]):
            for width in widths:
                layers.append(nn.Conv2d(before, width, 3, padding=1))
                layers += [nn.BatchNorm2d(width)] if norm else []
                layers.append(nn.ReLU())
                before = width
            if block >= 2:
                self.taken.append(len(layers) - 1)
            layers.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*layers)

    def forward(self, x):
        levels = []
        for i, layer in enumerate(self.features):
            x = layer(x)
            if i in self.taken:
                levels.append(x)
        return levels


def noise(count, name):
    """Numbers in [-1, 1) that look random."""
    phase = zlib.crc32(name.encode()) % 1000
    wave = 43758.5453 * torch.sin(12.9898 * torch.arange(count, dtype=torch.float64) + phase)
    return 2 * (wave - torch.floor(wave)) - 1


def fill(network):
    for name, tensor in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        values = noise(tensor.numel(), name).reshape(tensor.shape)
        if tensor.dim() == 4:
            values = values * (6 / tensor[0].numel()) ** 0.5
        elif name.endswith("running_var"):
            values = 1 + 0.3 * values
        elif name.endswith("weight"):
            values = 1 + 0.2 * values
        else:
            values = 0.1 * values
        tensor.copy_(values)


def golden(network, side):
    network = network.double().eval()
    with torch.no_grad():
        fill(network)
        x = noise(3 * side * side, "picture").reshape(1, 3, side, side)  # in [-1, 1]
        mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).reshape(3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).reshape(3, 1, 1)
        levels = network(((x + 1) / 2 - mean) / deviation)
    names = [n for n in network.state_dict() if not n.endswith("num_batches_tracked")]
    return {
        "names": zlib.crc32("\n".join(sorted(names)).encode()),
        "levels": [
            {"shape": list(v.shape), "samples": [v.flatten()[97 * i % v.numel()].item() for i in range(40)]}
            for v in levels
        ],
    }


json.dump(
    {
        "resnet18": golden(ResNet([2, 2, 2, 2], False, False), 64),
        "resnet50": golden(ResNet([3, 4], True, False), 32),
        "resnet50_stride_in_1x1": golden(ResNet([3, 4], True, True), 32),
        "vgg16": golden(Vgg(False), 32),
        "vgg16_bn": golden(Vgg(True), 32),
    },
    sys.stdout,
    indent=1,
)
