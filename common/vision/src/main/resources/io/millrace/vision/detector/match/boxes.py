# Boxes by their corners: left, top, right, bottom in pixels, along the last dimension.
#
# Shape suffixes: N pictures, K and A boxes of two kinds, P places for boxes of a picture. Functions without suffixes work
# row by row, and broadcast.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Padded(NamedTuple):
    """Boxes picture by picture, with as many places for each as the largest number of boxes of one."""

    corners_NP4: Tensor  # zeros where there is no box
    row_NP: Tensor  # of the rows that they come from; -1: there is no box


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


def padded(rows_K7: Tensor, pictures: int) -> Padded:
    """The boxes of rows, as detector.py has them, in the order of the rows."""
    picture_K, row_K = torch.sort(column(rows_K7, 0).to(torch.int64), stable=True, dim=0, descending=False)
    each_N = torch.bincount(picture_K, None, pictures)
    most = int(torch.max(each_N))
    first_K = torch.index_select(torch.cumsum(each_N, 0) - each_N, 0, picture_K)
    place_K = picture_K * most + torch.arange(torch.size(row_K, 0), device=row_K.device) - first_K
    none = torch.full([pictures * most], -1, dtype=torch.int64, device=row_K.device)
    row_NP = torch.reshape(torch.scatter(none, 0, place_K, row_K), [pictures, most])
    zeros = torch.zeros([pictures * most, 4], dtype=rows_K7.dtype, device=rows_K7.device)
    corners_X4 = torch.index_copy(zeros, 0, place_K, torch.index_select(corners_of_rows(rows_K7), 0, row_K))
    return Padded(torch.reshape(corners_X4, [pictures, most, 4]), row_NP)


def rows_of_found(boxes: Padded, found_NA: Tensor) -> Tensor:
    """The rows of boxes that were found by their places; what is negative stays."""
    if torch.size(boxes.row_NP, 1) == 0:
        return found_NA
    return torch.where(found_NA >= 0, torch.gather(boxes.row_NP, 1, torch.clamp(found_NA, 0)), found_NA)


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


def _edges(boxes: Tensor) -> List[Tensor]:
    """Left, top, right and bottom, each on its own in memory."""
    edges: List[Tensor] = []
    for edge in torch.unbind(boxes, -1):
        edges.append(torch.contiguous(edge))
    return edges


def _common(a_start: Tensor, a_end: Tensor, b_start: Tensor, b_end: Tensor) -> Tensor:
    """Length that intervals have in common."""
    return torch.minimum(a_end, b_end).sub_(torch.maximum(a_start, b_start)).clamp_(0.0)


def intersection_of_pairs(a_NK4: Tensor, b_NA4: Tensor) -> Tensor:
    """Area that each two of a picture cover: [N, K, A]. Without gradients; one list of boxes may be that of all pictures."""
    left_NK1, top_NK1, right_NK1, bottom_NK1, = _edges(torch.unsqueeze(a_NK4, 2))
    left_N1A, top_N1A, right_N1A, bottom_N1A, = _edges(torch.unsqueeze(b_NA4, 1))
    across_NKA = _common(left_NK1, right_NK1, left_N1A, right_N1A)
    return across_NKA.mul_(_common(top_NK1, bottom_NK1, top_N1A, bottom_N1A))


def iou_of_shared(shared_NKA: Tensor, a_NK4: Tensor, b_NA4: Tensor) -> Tensor:
    """IoU of boxes that have so much area in common."""
    both_NKA = torch.unsqueeze(area(a_NK4), 2) + torch.unsqueeze(area(b_NA4), 1)
    return shared_NKA / both_NKA.sub_(shared_NKA).clamp_(1e-9)


def iou_of_pairs(a_NK4: Tensor, b_NA4: Tensor) -> Tensor:
    """IoU of each two of a picture: [N, K, A]; see intersection_of_pairs."""
    return iou_of_shared(intersection_of_pairs(a_NK4, b_NA4), a_NK4, b_NA4)


def some_boxes(boxes: Padded, others: int) -> List[Padded]:
    """So many places at a time that their pairs with so many other boxes of each picture stay within memory."""
    pictures = torch.size(boxes.row_NP, 0)
    each = max(1048576 // max(pictures * others, 1), 1)
    some: List[Padded] = []
    for first in range(0, torch.size(boxes.row_NP, 1), each):
        count = min(each, torch.size(boxes.row_NP, 1) - first)
        some.append(Padded(torch.narrow(boxes.corners_NP4, 1, first, count), torch.narrow(boxes.row_NP, 1, first, count)))
    return some


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
