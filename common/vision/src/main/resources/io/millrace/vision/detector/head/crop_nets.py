# The three networks of MTCNN (Zhang et al. 2016, arXiv 1604.02878, figure 2), each of a crop of a fixed size, and what
# they learn. A fully connected layer is a convolution that covers the map: so P-Net reads whole pictures too.
#
# Shape suffixes: N crops or pictures, R crops of all pictures, I and O channels in and out, k a side of a kernel, h and w
# rows and columns of what is left of a map; 1 x 1 of a crop.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class CropConv(NamedTuple):
    """A convolution without padding, PReLU, and max pooling of every other place."""

    weight_OIkk: Tensor
    bias_O: Tensor
    slope_O: Tensor
    pool: int  # side of what is pooled; 0: no pooling


class CropNet(NamedTuple):
    layers: List[CropConv]
    score: Conv  # logits of background and object
    box: Conv  # how far the object's edges are from the crop's, as shares of its side
    side: int  # pixels of a crop


def _pooled(x_NCHW: Tensor, layer: CropConv) -> Tensor:
    return torch.max_pool2d(x_NCHW, [layer.pool, layer.pool], [2, 2], [0, 0], [1, 1], True)


def _activated(x_NCHW: Tensor, layer: CropConv) -> Tensor:
    """PReLU, then pooling: the other way round where no slope turns the order of values, which then gives the same for a
    quarter of the values."""
    if layer.pool == 0:
        return torch.prelu(x_NCHW, layer.slope_O)
    if bool(torch.all(layer.slope_O > 0.0)):
        return torch.prelu(_pooled(x_NCHW, layer), layer.slope_O)
    return _pooled(torch.prelu(x_NCHW, layer.slope_O), layer)


def read_crops(x_NCHW: Tensor, net: CropNet, run: Run) -> Tuple[Tensor, Tensor]:
    """Logits [N, 2, h, w] and shifts of left, top, right, bottom [N, 4, h, w]."""
    x = x_NCHW
    for layer in net.layers:
        x = _activated(torch.conv2d(x, layer.weight_OIkk, layer.bias_O), layer)
    return plain_conv(x, net.score, run), plain_conv(x, net.box, run)


def _cut(x_NCHW: Tensor, boxes_R4: Tensor, picture_R: Tensor, side: int) -> Tensor:
    """Parts of pictures as crops: [R, C, side, side], channels last in memory, which convolutions and pooling are fast
    on. So many at a time that their rows fit into memory."""
    rule = RoiAlign(side, 0, True, [1.0])
    n, c, _h, _w, = torch.size(x_NCHW)
    crops_RssC = torch.zeros([torch.size(picture_R, 0), side, side, c], dtype=x_NCHW.dtype, device=x_NCHW.device)
    crops = torch.permute(crops_RssC, [0, 3, 1, 2])
    for picture in range(n):
        for some in torch.split(torch.squeeze(torch.nonzero(picture_R == picture), 1), 256):
            found = roi_align_of_few(torch.select(x_NCHW, 0, picture), torch.index_select(boxes_R4, 0, some), rule)
            crops.index_copy_(0, some, found)
    return crops


def read_regions(x_NCHW: Tensor, boxes_R4: Tensor, picture_R: Tensor, net: CropNet, run: Run) -> Tuple[Tensor, Tensor]:
    """Logits [R, 2] and shifts [R, 4] of parts of pictures; what is outside of them is grey."""
    logits, shifts = read_crops(_cut(x_NCHW, boxes_R4, picture_R, net.side), net, run)
    return torch.flatten(logits, 1), torch.flatten(shifts, 1)


def _still_conv(conv: Conv) -> Conv:
    bias = conv.bias_O
    return Conv(
        conv.weight_OIkk.detach(), None if bias is None else bias.detach(), conv.norm, conv.slope, conv.stride,
        conv.padding, conv.dilation
    )


def still(net: CropNet) -> CropNet:
    """The network as a constant to learning."""
    layers: List[CropConv] = []
    for layer in net.layers:
        layers.append(
            CropConv(layer.weight_OIkk.detach(), layer.bias_O.detach(), layer.slope_O.detach(), layer.pool)
        )
    return CropNet(layers, _still_conv(net.score), _still_conv(net.box), net.side)


def shifted(boxes: Tensor, shifts: Tensor) -> Tensor:
    """Boxes by their corners, moved by shares of their sides."""
    left, top, right, bottom, = torch.unbind(boxes, -1)
    sides = torch.stack([right - left, bottom - top, right - left, bottom - top], -1)
    return boxes + shifts * sides


def squared(boxes: Tensor) -> Tensor:
    """Squares of the longer side around the same centres."""
    x, y, w, h, = torch.unbind(centred(boxes), -1)
    side = torch.maximum(w, h)
    return corners(torch.stack([x, y, side, side], -1))


def hardest(losses_R: Tensor, sizes: List[int], share: float) -> Tensor:
    """Sum of the largest losses of each picture: online hard mining, of a picture instead of a batch."""
    total = torch.zeros([], dtype=losses_R.dtype, device=losses_R.device)
    for some in torch.split_with_sizes(losses_R, sizes):
        kept, _at = torch.topk(some, int(float(torch.size(some, 0)) * share + 0.5), 0)
        total = total + torch.sum(kept)
    return total
