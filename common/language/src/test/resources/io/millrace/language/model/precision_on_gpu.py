# Compares products of tensor cores (fp8_tensor_cores.py) with emulated ones (fp8.py) on a CUDA device that has them:
#   python precision_on_gpu.py path/to/products
# Prints the relative distance of each product, and the time of either. Needs PyTorch 2.9 or newer.
import re
import sys
import time
from pathlib import Path

import torch


def unit(*files):
    text = "".join((Path(sys.argv[1]) / file).read_text() for file in files)
    text = re.sub(r"(?m)^(import|from) .*$", "", text)
    # Python's front end knows fewer operators by a short name than a kernel file does.
    text = re.sub(r"\btorch\.(\w+)\(", r"torch.ops.aten.\1(", text).replace(" ops.", " torch.ops.")
    return torch.jit.CompilationUnit(text)


emulated = unit("products.py", "by_operand.py", "rounded.py", "tiles.py", "fp8.py", "compared.py")
tensor_cores = unit("products.py", "rounded.py", "tiles.py", "fp8_tensor_cores.py", "compared.py")
# As Millrace runs kernels; the fuser knows no E4M3.
torch._C._set_graph_executor_optimize(False)
torch.manual_seed(0)
print(torch.__version__, torch.cuda.get_device_name(0))


def compare(title, function, *arguments):
    found = []
    times = []
    for products in (emulated, tensor_cores):
        own = [a.clone() if torch.is_tensor(a) else a for a in arguments]
        found.append(getattr(products, function)(*own))
        torch.cuda.synchronize()
        begin = time.perf_counter()
        for _ in range(20):
            getattr(products, function)(*own)
        torch.cuda.synchronize()
        times.append((time.perf_counter() - begin) / 20 * 1e6)
    error = ((found[1] - found[0]).norm() / found[0].norm()).item()
    print(f"{title:32s} {error:.1e} apart, emulated {times[0]:7.0f} us, tensor cores {times[1]:7.0f} us")
    assert error < 2e-3, title


for tokens, inputs, outputs in [(300, 130, 200), (7, 64, 48), (2048, 256, 512), (4096, 1024, 4096), (777, 1152, 900)]:
    scales = torch.logspace(-3, 3, tokens, device="cuda")[:, None]
    x = torch.randn(tokens, inputs, device="cuda") * scales
    dy = torch.randn(tokens, outputs, device="cuda") / scales
    w = torch.randn(outputs, inputs, device="cuda")
    shape = f"{tokens} x {inputs} x {outputs}"
    compare("output " + shape, "_linear", x, w)
    compare("input gradient " + shape, "_input_gradient", dy, w)
    compare("weight gradient " + shape, "_add_weight_gradient", torch.zeros_like(w), dy, x)
    sizes = [tokens // 2, 0, tokens - tokens // 2]
    stack = torch.randn(3, outputs, inputs, device="cuda")
    compare("experts " + shape, "_expert_products", x, stack, sizes)
    compare("experts' input " + shape, "_expert_input_gradients", dy, stack, sizes)
    compare("experts' weights " + shape, "_add_expert_weight_gradients", torch.zeros_like(stack), dy, x, sizes)
    found = tensor_cores.products(x, w, dy)
    expected = emulated.products(x, w, dy)
    print("distances", [emulated.distance(f, e).item() for f, e in zip(found, expected)])
