# Suppression of detections that show an object again which a better one shows.
#
# Shape suffixes: N pictures, T detections of each, B those of a block, K those that are kept, F the fields of a
# detection: left, top, width, height, score, class, and whatever else a caller wants to keep with them.
# A row of score 0 is no detection. Of equal scores the earlier row counts as the better one.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Suppression(NamedTuple):
    none: bool  # rows are sorted only
    merged: bool  # boxes that are kept grow around those that they remove
    soft: bool  # scores are lowered instead of rows removed
    gaussian: bool  # by the gaussian of the overlap rather than linearly
    smaller: bool  # an overlap is a share of the smaller area rather than of the union
    agnostic: bool  # boxes suppress those of other classes too
    threshold: float  # larger overlaps suppress
    sigma: float  # spread of the gaussian


def _field(rows_NTF: Tensor, i: int) -> Tensor:
    return torch.select(rows_NTF, 2, i)


def _picked(rows_NTF: Tensor, order_NK: Tensor) -> Tensor:
    index = torch.expand(torch.unsqueeze(order_NK, 2), [-1, -1, torch.size(rows_NTF, 2)])
    return torch.gather(rows_NTF, 1, index)


def _scored(rows_NTF: Tensor, score_NT: Tensor) -> Tensor:
    """The rows with other scores."""
    rest = torch.size(rows_NTF, 2) - 5
    return torch.cat([torch.narrow(rows_NTF, 2, 0, 4), torch.unsqueeze(score_NT, 2), torch.narrow(rows_NTF, 2, 5, rest)], 2)


def best_rows(rows_NTF: Tensor, limit: int) -> Tensor:
    """The rows of the highest scores, by falling score."""
    _scores, order_NT = torch.sort(_field(rows_NTF, 4), stable=True, dim=1, descending=True)
    return _picked(rows_NTF, torch.narrow(order_NT, 1, 0, min(limit, torch.size(order_NT, 1))))


def _shared(a_NB: Tensor, a_size_NB: Tensor, b_NK: Tensor, b_size_NK: Tensor) -> Tensor:
    """Length that two intervals have in common, [N, B, K]."""
    start = torch.maximum(torch.unsqueeze(a_NB, 2), torch.unsqueeze(b_NK, 1))
    end = torch.minimum(torch.unsqueeze(a_NB + a_size_NB, 2), torch.unsqueeze(b_NK + b_size_NK, 1))
    return end.sub_(start).clamp_(0.0)


def overlaps(a_NBF: Tensor, b_NKF: Tensor, smaller: bool) -> Tensor:
    """Intersection over union, or over the smaller area, of all pairs: [N, B, K]; 0 where there is no area."""
    area_NB = _field(a_NBF, 2) * _field(a_NBF, 3)
    area_NK = _field(b_NKF, 2) * _field(b_NKF, 3)
    shared = _shared(_field(a_NBF, 0), _field(a_NBF, 2), _field(b_NKF, 0), _field(b_NKF, 2))
    shared.mul_(_shared(_field(a_NBF, 1), _field(a_NBF, 3), _field(b_NKF, 1), _field(b_NKF, 3)))
    if smaller:
        whole = torch.minimum(torch.unsqueeze(area_NB, 2), torch.unsqueeze(area_NK, 1))
    else:
        whole = (torch.unsqueeze(area_NB, 2) + torch.unsqueeze(area_NK, 1)).sub_(shared)
    return shared.div_(whole.clamp_(1e-12))


def _comparable(a_NBF: Tensor, b_NKF: Tensor, agnostic: bool) -> Tensor:
    """Where b is a detection that can suppress a, [N, B, K] of booleans."""
    found = torch.unsqueeze(_field(b_NKF, 4) > 0.0, 1)
    if agnostic:
        return torch.expand(found, [-1, torch.size(a_NBF, 1), -1])
    return torch.logical_and(found, torch.unsqueeze(_field(a_NBF, 5), 2) == torch.unsqueeze(_field(b_NKF, 5), 1))


def _suppressing(a_NBF: Tensor, b_NKF: Tensor, rule: Suppression) -> Tensor:
    """1 where b removes a if b itself is kept, [N, B, K]."""
    over = overlaps(a_NBF, b_NKF, rule.smaller) > rule.threshold
    return torch.logical_and(over, _comparable(a_NBF, b_NKF, rule.agnostic)).to(a_NBF.dtype)


def _kept(sorted_NBF: Tensor, rule: Suppression) -> Tensor:
    """1 for rows that no kept row before them removes, [N, B].

    What depends on few rows before it is right after as many rounds, and stays right: the rounds end at the one
    answer that the greedy rule has.
    """
    earlier_NBB = torch.tril(_suppressing(sorted_NBF, sorted_NBF, rule), -1)
    kept_NB1 = torch.ones_like(torch.narrow(sorted_NBF, 2, 0, 1))
    changed = True
    while changed:
        next_NB1 = (torch.bmm(earlier_NBB, kept_NB1) == 0.0).to(kept_NB1.dtype)
        changed = not torch.equal(next_NB1, kept_NB1)
        kept_NB1 = next_NB1
    return torch.squeeze(kept_NB1, 2)


def _complete(kept_NKF: Tensor, limit: int) -> bool:
    """Whether every picture has as many rows as are wanted."""
    return torch.size(kept_NKF, 1) == limit and bool(torch.all(_field(kept_NKF, 4) > 0.0))


def _greedy(rows_NTF: Tensor, rule: Suppression, limit: int) -> Tensor:
    """Goes by blocks of falling score, so that memory grows with the limit and not with the square of the rows."""
    found = int(torch.amax(torch.sum(_field(rows_NTF, 4) > 0.0, [1])))
    sorted_NTF = best_rows(rows_NTF, max(1, found))  # Those behind are none in any picture.
    kept_NKF = torch.narrow(sorted_NTF, 1, 0, 0)
    # Larger blocks have more pairs but fewer operations, which a device waits for.
    for block_NBF in torch.split(sorted_NTF, 1024 if rows_NTF.is_cuda else 256, 1):
        if not _complete(kept_NKF, limit):
            beaten_NB = torch.sum(_suppressing(block_NBF, kept_NKF, rule), [2])
            free_NBF = _scored(block_NBF, _field(block_NBF, 4) * (beaten_NB == 0.0))
            free_NBF = _scored(free_NBF, _field(free_NBF, 4) * _kept(free_NBF, rule))
            kept_NKF = best_rows(torch.cat([kept_NKF, free_NBF], 1), limit)
    return kept_NKF


def _taken_by(block_NBF: Tensor, kept_NKF: Tensor, rule: Suppression) -> Tensor:
    """Place of the best kept row that removes a row, itself among them, or their number: [N, B]."""
    count = torch.size(kept_NKF, 1)
    falling_K = torch.arange(count, 0, -1, dtype=block_NBF.dtype, device=block_NBF.device)
    most_NB, at_NB = torch.max(_suppressing(block_NBF, kept_NKF, rule) * falling_K, 2)
    taken_NB = torch.logical_and(most_NB > 0.0, _field(block_NBF, 4) > 0.0)
    return torch.where(taken_NB, at_NB, torch.full_like(at_NB, count))


def _end(rows_NTF: Tensor, axis: int) -> Tensor:
    return _field(rows_NTF, axis) + _field(rows_NTF, 2 + axis)


def _merged(rows_NTF: Tensor, rule: Suppression, limit: int) -> Tensor:
    """Boxes that are kept, each around all of those that it removes; by blocks, for memory's sake."""
    kept_NKF = _greedy(rows_NTF, rule, limit)
    count = torch.size(kept_NKF, 1)
    fields: List[Tensor] = []
    for axis in range(2):
        start_NK = torch.constant_pad_nd(_field(kept_NKF, axis), [0, 1])
        end_NK = torch.constant_pad_nd(_end(kept_NKF, axis), [0, 1])
        for block_NBF in torch.split(rows_NTF, 1024, 1):
            at_NB = _taken_by(block_NBF, kept_NKF, rule)
            start_NK = torch.scatter_reduce(start_NK, 1, at_NB, _field(block_NBF, axis), "amin")
            end_NK = torch.scatter_reduce(end_NK, 1, at_NB, _end(block_NBF, axis), "amax")
        fields.append(torch.narrow(start_NK, 1, 0, count))
        fields.append(torch.narrow(end_NK - start_NK, 1, 0, count))
    left, width, top, height, = fields
    grown_NK4 = torch.stack([left, top, width, height], 2)
    return torch.cat([grown_NK4, torch.narrow(kept_NKF, 2, 4, torch.size(kept_NKF, 2) - 4)], 2)


def _left(over_NT: Tensor, rule: Suppression) -> Tensor:
    """What an overlap leaves of a score (Bodla et al. 2017, equations 2 and 3)."""
    if rule.gaussian:
        return torch.exp(-torch.square(over_NT) / rule.sigma)
    return 1.0 - over_NT * (over_NT > rule.threshold)


def _soft(rows_NTF: Tensor, rule: Suppression, limit: int) -> Tensor:
    """Soft-NMS: takes the best row, lowers the scores of those that overlap with it, takes the best of these."""
    score_NT = _field(rows_NTF, 4)
    taken: List[Tensor] = []
    most = min(limit, torch.size(rows_NTF, 1))
    while len(taken) < most and (len(taken) == 0 or bool(torch.any(score_NT > 0.0))):
        at_N1 = torch.argmax(score_NT, 1, True)
        one_N1F = _scored(_picked(rows_NTF, at_N1), torch.gather(score_NT, 1, at_N1))
        taken.append(one_N1F)
        over_N1T = overlaps(one_N1F, rows_NTF, rule.smaller) * _comparable(one_N1F, rows_NTF, rule.agnostic)
        score_NT = score_NT * _left(torch.squeeze(over_N1T, 1), rule)
        score_NT = torch.scatter(score_NT, 1, at_N1, 0.0)
    return torch.cat(taken, 1)


def suppress(rows_NTF: Tensor, rule: Suppression, limit: int) -> Tensor:
    """What is left, by falling score: [N, at most limit, F]; rows of score 0 are none."""
    if torch.numel(rows_NTF) == 0 or rule.none:
        return best_rows(rows_NTF, limit)
    if rule.soft:
        return _soft(rows_NTF, rule, limit)
    if rule.merged:
        return _merged(rows_NTF, rule, limit)
    return _greedy(rows_NTF, rule, limit)
