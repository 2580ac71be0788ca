"""Writes golden.safetensors beside this file with the reference implementation.

Made with Python 3, torch 2.13, safetensors from the package index:
    python golden.py            writes the file
    python golden.py FILE       checks that FILE, written by SafetensorsGoldenTest, holds the same
"""
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

TYPES = {
    "f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16,
    "f8": torch.float8_e4m3fn, "i64": torch.int64, "i32": torch.int32, "i16": torch.int16,
    "i8": torch.int8, "u8": torch.uint8,
}


def tensors():
    made = {}
    for name, dtype in TYPES.items():
        values = torch.arange(12).reshape(3, 4)
        if name != "u8":
            values = values - 6
        if dtype.is_floating_point:
            values = values * 0.25
        made[f"layer.{name}"] = values.to(dtype)
    made["layer.bool"] = torch.tensor([True, False, True])
    made["scalar"] = torch.tensor(2.5)
    made["empty"] = torch.zeros(0, 7)
    made["ünïcode"] = torch.tensor([[1, 2]], dtype=torch.int32)
    return made


def main():
    if len(sys.argv) == 1:
        file = Path(__file__).with_name("golden.safetensors")
        save_file(tensors(), file, metadata={"format": "pt", "note": "line\nbreak \u2713"})
        return
    with safe_open(sys.argv[1], "pt") as file:
        expected = tensors()
        assert set(file.keys()) == set(expected), set(file.keys()) ^ set(expected)
        assert file.metadata()["note"] == "line\nbreak \u2713", file.metadata()
        assert file.metadata()["format"] == "pt"
        for name, tensor in expected.items():
            found = file.get_tensor(name)
            assert found.dtype == tensor.dtype and found.shape == tensor.shape, name
            assert torch.equal(found.view(torch.uint8) if found.dim() else found,
                               tensor.view(torch.uint8) if tensor.dim() else tensor), name
    print("equal:", len(expected), "tensors")


main()
