"""Writes roi_align.json: what torchvision's RoIAlign gives, forward and backward, in float64 on the processor.

Made with torch 2.14.1 and torchvision 0.29.1: python roi_align_golden.py
"""

import json
import pathlib

import numpy as np
import torch
from torchvision.ops import roi_align

STRIDE = 4
REGIONS = [
    [0, 3.0, 2.0, 21.0, 17.0],  # inside
    [1, 0.0, 0.0, 28.0, 24.0],  # the whole picture
    [1, -9.0, -6.5, 10.0, 40.0],  # over the border
    [0, 20.0, 18.0, 60.0, 70.0],  # mostly outside
    [0, 40.0, 50.0, 60.0, 70.0],  # outside
    [1, 10.25, 9.5, 10.75, 10.0],  # tiny
    [0, 8.0, 8.0, 8.0, 8.0],  # empty
    [1, 12.0, 12.0, 9.0, 20.0],  # the wrong way round
]


def numbers(tensor):
    return [float(f"{v:.12g}") for v in tensor.flatten().tolist()]


def case(maps, random, aligned, ratio):
    bins = 2 if ratio == 1 else 3
    regions = torch.tensor(REGIONS, dtype=torch.float64)
    gradient = torch.tensor(np.round(random.normal(size=(len(REGIONS), 3, bins, bins)), 3))
    leaf = maps.clone().requires_grad_()
    found = roi_align(leaf, regions, bins, 1 / STRIDE, ratio, aligned)
    found.backward(gradient)
    return {
        "aligned": aligned,
        "samples": ratio,
        "bins": bins,
        "gradient": numbers(gradient),
        "features": numbers(found.detach()),
        "maps_gradient": numbers(leaf.grad),
    }


def main():
    random = np.random.default_rng(7)
    maps = torch.tensor(np.round(random.normal(size=(2, 3, 6, 7)), 3))
    cases = [case(maps, random, aligned, ratio) for aligned in (True, False) for ratio in (0, 1, 2)]
    golden = {"shape": list(maps.shape), "stride": STRIDE, "maps": numbers(maps), "regions": REGIONS, "cases": cases}
    pathlib.Path(__file__).with_name("roi_align.json").write_text(json.dumps(golden))


main()
