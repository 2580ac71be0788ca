"""Makes backbones.json: what the ResNet and VGG-16 of torchvision and of timm give for weights and a picture made by
formulas, in float64. A picture is normalised as their pretrained weights expect it; of the published shape that halves
sizes in the 1 x 1 convolution there is no class in either, so that torchvision's has its strides exchanged.

Made with torch 2.14.1, torchvision 0.29.1 and timm 1.0.29: python golden.py > backbones.json
"""
import json
import sys
import zlib

import timm
import torch
import torchvision

BEHIND = ("fc.", "classifier.", "head.", "pre_logits.")


def noise(count, name):
    """Numbers in [-1, 1) that look random."""
    phase = zlib.crc32(name.encode()) % 1000
    wave = 43758.5453 * torch.sin(12.9898 * torch.arange(count, dtype=torch.float64) + phase)
    return 2 * (wave - torch.floor(wave)) - 1


def names(network):
    """Of the backbone's tensors."""
    every = network.state_dict()
    return sorted(n for n in every if not n.startswith(BEHIND) and not n.endswith("num_batches_tracked"))


def fill(network):
    tensors = network.state_dict()
    for name in names(network):
        tensor = tensors[name]
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


def golden(network, taken, side, stages=4):
    """What the modules `taken` give."""
    network = network.double().eval()
    levels = []
    for module in taken(network):
        module.register_forward_hook(lambda _, __, result: levels.append(result.clone()))
    with torch.no_grad():
        fill(network)
        x = noise(3 * side * side, "picture").reshape(1, 3, side, side)  # in [-1, 1]
        mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).reshape(3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).reshape(3, 1, 1)
        network(((x + 1) / 2 - mean) / deviation)
    kept = [n for n in names(network) if not n.startswith(tuple(f"layer{s}." for s in range(stages + 1, 5)))]
    shapes = {n: tuple(v.shape) for n, v in network.state_dict().items()}
    return {
        "names": zlib.crc32("\n".join(kept).encode()),
        "shapes": zlib.crc32("\n".join(f"{n} {list(shapes[n])}" for n in kept).encode()),
        "levels": [
            {"shape": list(v.shape), "samples": [v.flatten()[97 * i % v.numel()].item() for i in range(40)]}
            for v in levels[:stages]
        ],
    }


def stages(network):
    return [network.layer1, network.layer2, network.layer3, network.layer4]


def before_pools(network):
    """The activations of conv3_3, conv4_3 and conv5_3."""
    layers = list(network.features)
    pools = [i for i, layer in enumerate(layers) if isinstance(layer, torch.nn.MaxPool2d)]
    return [layers[i - 1] for i in pools[2:]]


def stride_in_1x1(network):
    for block in network.modules():
        if isinstance(block, torchvision.models.resnet.Bottleneck):
            block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride
    return network


def main():
    theirs = torchvision.models
    found = {}
    for name in ("resnet18", "resnet50"):
        found["torchvision " + name] = golden(getattr(theirs, name)(), stages, 64)
        found["timm " + name] = golden(timm.create_model(name), stages, 64)
    found["torchvision resnet50 stride_in_1x1"] = golden(stride_in_1x1(theirs.resnet50()), stages, 64, stages=2)
    for name in ("vgg16", "vgg16_bn"):
        found["torchvision " + name] = golden(getattr(theirs, name)(), before_pools, 32)
        # timm's first fully connected layer is a convolution of 7 x 7, and pools less than torchvision.
        found["timm " + name] = golden(timm.create_model(name), before_pools, 32)
    json.dump(found, sys.stdout, indent=1)


main()
