# Boxes by their corners: left, top, right, bottom in pixels, along the last dimension.
#
# Shape suffixes: K and A boxes of two kinds. Functions without suffixes work row by row, and broadcast.
import torch
from torch import Tensor
from typing import List


def column(rows: Tensor, i: int) -> Tensor:
    return torch.select(rows, -1, i)


def corners(centred: Tensor) -> Tensor:
    """Of boxes given as centre x, centre y, width, height."""
    x, y, w, h, = torch.unbind(centred, -1)
    return torch.stack([x - w * 0.5, y - h * 0.5, x + w * 0.5, y + h * 0.5], -1)


def centred(boxes: Tensor) -> Tensor:
    """Centre x, centre y, width, height."""
    left, top, right, bottom, = torch.unbind(boxes, -1)
    return torch.stack([(left + right) * 0.5, (top + bottom) * 0.5, right - left, bottom - top], -1)


def rows_of_picture(rows_K7: Tensor, picture: int) -> Tensor:
    """The rows of boxes, as detector.py has them, that belong to a picture."""
    own = torch.nonzero(column(rows_K7, 0) == picture)
    return torch.index_select(rows_K7, 0, torch.squeeze(own, 1))


def corners_of_rows(rows_K7: Tensor) -> Tensor:
    return corners(torch.narrow(rows_K7, 1, 2, 4))


def area(boxes: Tensor) -> Tensor:
    left, top, right, bottom, = torch.unbind(boxes, -1)
    return torch.clamp(right - left, 0.0) * torch.clamp(bottom - top, 0.0)


def intersection(a: Tensor, b: Tensor) -> Tensor:
    """Area that both cover."""
    start = torch.maximum(torch.narrow(a, -1, 0, 2), torch.narrow(b, -1, 0, 2))
    end = torch.minimum(torch.narrow(a, -1, 2, 2), torch.narrow(b, -1, 2, 2))
    return area(torch.cat([start, end], -1))


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union; 0 where neither has an area."""
    shared = intersection(a, b)
    return shared / torch.clamp(area(a) + area(b) - shared, 1e-9)


def iou_of_pairs(a_K4: Tensor, b_A4: Tensor) -> Tensor:
    """IoU of every box with every other one, [K, A]; by parts, so that its corners never fill the memory."""
    parts: List[Tensor] = []
    for some_A4 in torch.split(b_A4, 4096):
        parts.append(iou(torch.unsqueeze(a_K4, 1), torch.unsqueeze(some_A4, 0)))
    return parts[0] if len(parts) == 1 else torch.cat(parts, 1)


def giou(a: Tensor, b: Tensor) -> Tensor:
    """IoU less the share of the enclosing box that neither covers (Rezatofighi et al. 2019, arXiv 1902.09630)."""
    shared = intersection(a, b)
    union = area(a) + area(b) - shared
    start = torch.minimum(torch.narrow(a, -1, 0, 2), torch.narrow(b, -1, 0, 2))
    end = torch.maximum(torch.narrow(a, -1, 2, 2), torch.narrow(b, -1, 2, 2))
    enclosing = torch.clamp(area(torch.cat([start, end], -1)), 1e-9)
    return shared / torch.clamp(union, 1e-9) - (enclosing - union) / enclosing


def encode(boxes: Tensor, anchors: Tensor, centre_spread: float, size_spread: float) -> Tensor:
    """Boxes as they lie to anchors (Girshick et al. 2014, arXiv 1311.2524, appendix C).

    Shifts of the centre as shares of the anchor's sides, and logarithms of the ratios of sides, each divided by its
    spread, which SSD calls its variance.
    """
    x, y, w, h, = torch.unbind(centred(boxes), -1)
    ax, ay, aw, ah, = torch.unbind(centred(anchors), -1)
    dw = torch.log(torch.clamp(w, 1e-3) / aw)
    dh = torch.log(torch.clamp(h, 1e-3) / ah)
    shift = torch.stack([(x - ax) / aw, (y - ay) / ah], -1) / centre_spread
    return torch.cat([shift, torch.stack([dw, dh], -1) / size_spread], -1)


def decode_deltas(deltas: Tensor, anchors: Tensor, centre_spread: float, size_spread: float) -> Tensor:
    """The boxes that encode gave these deltas for; sides at most 62.5 times the anchor's, as in Detectron."""
    dx, dy, dw, dh, = torch.unbind(deltas, -1)
    ax, ay, aw, ah, = torch.unbind(centred(anchors), -1)
    limit = 4.135166556742356  # the logarithm of 62.5
    w = torch.exp(torch.clamp(dw * size_spread, None, limit)) * aw
    h = torch.exp(torch.clamp(dh * size_spread, None, limit)) * ah
    return corners(torch.stack([ax + dx * centre_spread * aw, ay + dy * centre_spread * ah, w, h], -1))
