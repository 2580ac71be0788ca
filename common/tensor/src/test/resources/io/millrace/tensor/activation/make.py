"""Makes the golden values of ActivationTest with PyTorch's own functions. Run in this folder: python make.py"""
import json

import torch
from torch.nn import functional as f

x = torch.tensor([-6.0, -2.5, -1.0, -0.3, 0.0, 1e-3, 0.7, 1.0, 3.0, 8.0], dtype=torch.float64)
slope = torch.tensor([0.25], dtype=torch.float64)
functions = {
    "silu": f.silu, "swish": f.silu, "gelu": f.gelu, "gelu_pytorch_tanh": lambda v: f.gelu(v, approximate="tanh"),
    "gelu_new": lambda v: f.gelu(v, approximate="tanh"), "sigmoid": torch.sigmoid, "tanh": torch.tanh,
    "relu": f.relu, "leaky_relu": f.leaky_relu, "leaky_relu_0.1": lambda v: f.leaky_relu(v, 0.1),
    "prelu": lambda v: f.prelu(v, slope), "elu": f.elu, "selu": f.selu,
    "quick_gelu": lambda v: v * torch.sigmoid(1.702 * v), "gelu_sigmoid": lambda v: v * torch.sigmoid(1.702 * v),
    "swish_beta": lambda v: v * torch.sigmoid(slope * v), "linear": lambda v: v,
    "mish": f.mish, "step": lambda v: torch.heaviside(v, torch.zeros(1, dtype=torch.float64)),
    "threshold": lambda v: (v > 0).double(),
    # Gated units of the gate x and the other half 2 x.
    "glu": lambda v: f.glu(torch.cat([2 * v, v]), 0), "geglu": lambda v: f.gelu(v) * 2 * v,
    "swiglu": lambda v: f.silu(v) * 2 * v, "reglu": lambda v: f.relu(v) * 2 * v, "bilinear": lambda v: v * 2 * v,
}
golden = {"x": x.tolist(), **{name: function(x).tolist() for name, function in functions.items()}}
with open("golden.json", "w") as out:
    json.dump(golden, out, indent=1)
