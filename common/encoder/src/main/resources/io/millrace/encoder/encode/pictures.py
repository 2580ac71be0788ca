# A backbone over a picture's crops.
#
# Shape suffixes: N pictures, H and W rows and columns of pixels, Q and R columns and rows of crops, M all crops, h and w
# the sides of one, D values of its vector.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Encoder(NamedTuple):
    backbone: Backbone
    first: Tensor  # of the backbone's weights, which all have its number format
    crop_width: int
    crop_height: int
    step: int  # pixels from crop to crop


def _seed(changes: Changes, like: Tensor) -> Tensor:
    return torch.full([], changes.seed, dtype=torch.int64, device=like.device)


def _chosen(changes: Changes, stream: int, probability: float, count: int, like: Tensor) -> Tensor:
    """True with that probability: [count, 1, 1, 1]."""
    drawn = uniform(_seed(changes, like), stream, count, like)
    return torch.reshape(drawn < probability, [-1, 1, 1, 1])


def _flipped(x_N3HW: Tensor, changes: Changes) -> Tensor:
    pictures = torch.size(x_N3HW, 0)
    x = x_N3HW
    if changes.flip > 0.0:
        x = torch.where(_chosen(changes, 1, changes.flip, pictures, x), torch.flip(x, [3]), x)
    if changes.vertical_flip > 0.0:
        x = torch.where(_chosen(changes, 2, changes.vertical_flip, pictures, x), torch.flip(x, [2]), x)
    return x


def _seen(crops: int, side: int, hidden: int, stream: int, changes: Changes, like: Tensor) -> Tensor:
    """Which pixels of a side lie in a window that leaves out so many: [M, side]."""
    drawn = torch.unsqueeze(uniform(_seed(changes, like), stream, crops, like), 1)
    first = torch.floor(drawn * float(hidden + 1))
    at = torch.unsqueeze(torch.arange(side, dtype=like.dtype, device=like.device), 0) - first
    return torch.logical_and(at >= 0.0, at < float(side - hidden))


def _changed(x_M3hw: Tensor, changes: Changes) -> Tensor:
    """Crops that show less than there is to see, so that edges and tones cannot tell which belong together."""
    crops = torch.size(x_M3hw, 0)
    x = x_M3hw
    if changes.colour_drop > 0.0:
        drawn = uniform(_seed(changes, x), 3, crops, x)
        channel = torch.reshape(torch.floor(drawn * 3.0).to(torch.int64), [-1, 1, 1, 1])
        shape = [-1, 1, torch.size(x, 2), torch.size(x, 3)]
        one = torch.expand(torch.gather(x, 1, torch.expand(channel, shape)), torch.size(x))
        x = torch.where(_chosen(changes, 4, changes.colour_drop, crops, x), one, x)
    if changes.hidden > 0:
        rows = torch.reshape(_seen(crops, torch.size(x, 2), changes.hidden, 5, changes, x), [crops, 1, -1, 1])
        columns = torch.reshape(_seen(crops, torch.size(x, 3), changes.hidden, 6, changes, x), [crops, 1, 1, -1])
        x = torch.where(torch.logical_and(rows, columns), x, torch.zeros_like(x))
    return x


def _crops(x_N3HW: Tensor, encoder: Encoder) -> Tensor:
    """Column by column, each from above downwards: [M, 3, h, w]."""
    rows = torch.unfold(x_N3HW, 2, encoder.crop_height, encoder.step)
    x_N3RQhw = torch.unfold(rows, 3, encoder.crop_width, encoder.step)
    return torch.reshape(
        torch.permute(x_N3RQhw, [0, 3, 2, 1, 4, 5]), [-1, 3, encoder.crop_height, encoder.crop_width])


def _starts(x_N3HW: Tensor, encoder: Encoder) -> List[int]:
    rows = (torch.size(x_N3HW, 2) - encoder.crop_height) // encoder.step + 1
    columns = (torch.size(x_N3HW, 3) - encoder.crop_width) // encoder.step + 1
    starts = [0]
    for _ in range(torch.size(x_N3HW, 0) * columns):
        starts.append(starts[-1] + rows)
    return starts


def encoded(values: Tensor, starts: List[int], encoder: Encoder, changes: Changes, run: Run) -> Places:
    x_NHW3 = values.to(encoder.first.dtype) * (1.0 / 127.5) - 1.0
    x_N3HW = _flipped(torch.permute(x_NHW3, [0, 3, 1, 2]), changes)
    x_M3hw = torch.contiguous(_changed(_crops(x_N3HW, encoder), changes), memory_format=torch.channels_last)
    levels = backbone(x_M3hw, encoder.backbone, run)
    z_MD = torch.mean(levels[-1], [2, 3])
    columns = (torch.size(x_N3HW, 3) - encoder.crop_width) // encoder.step + 1
    return Places(z_MD, _starts(x_N3HW, encoder), columns)
