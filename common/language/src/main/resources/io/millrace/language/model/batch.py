# What the heads and layers of a decoder read of a pack of documents.
#
# `starts` are the first tokens of the documents, then T; `spans` likewise of the stretches inside of which
# tokens see each other and positions count: the documents, or packs of them where attention crosses documents.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional


class Runs(NamedTuple):
    """Neighbouring spans of one length make a run, which is attended in one call."""

    tokens: List[int]  # of each run
    lengths: List[int]  # of its spans


class Sight(NamedTuple):
    """Which tokens see each other, and from where."""

    rotations: Tensor  # [T, R / 2] complex
    runs: Runs
    starts_S: Tensor  # int32: the first tokens of the spans, then T


class Documents(NamedTuple):
    """Whose tokens are balanced over the experts."""

    of_token_T: Tensor
    count: int


class Batch(NamedTuple):
    """Lists have an entry for the main head, then one for each MTP module. Module k sees the token k places ahead
    in the span. The last k tokens of a span have none and see token 0; nothing after them in their span sees
    them. The last k of a document do not count; where attention crosses documents, those after it see them, made
    from the tokens that follow."""

    ids: List[Tensor]  # [T] each
    counted: List[Tensor]  # [T, 1] each: 1 where the token counts
    targets: List[Tensor]  # [T] each: the token to predict, -100 where there is none
    sight: Sight
    documents: Documents


class Objective(NamedTuple):
    """What losses are divided by and multiplied with."""

    targets: float
    module_targets: List[float]
    documents: float
    mtp_weight: float
    balance_weight: float


def _objective(normalisers: List[float], loss_weights: List[float]) -> Objective:
    """Of the numbers of targets by head, then of documents; and of the weights of the MTP and balance losses."""
    mtp_weight, balance_weight, = loss_weights
    return Objective(normalisers[0], normalisers[1:-1], normalisers[-1], mtp_weight, balance_weight)


def _frequencies(shape: Shape, like: Tensor) -> Tensor:
    return torch.tensor(shape.rotary_frequencies, dtype=torch.float64, device=like.device)


def _turned_by(positions_T: Tensor, frequencies: Tensor, shape: Shape, like: Tensor) -> Tensor:
    angles = torch.outer(positions_T.to(torch.float64), frequencies).to(like.dtype)
    return torch.polar(torch.full_like(angles, shape.rotary_modulus), angles)


def _rotations(positions_T: Tensor, shape: Shape, like: Tensor) -> Tensor:
    """RoPE as complex numbers, [T, R/2]; of modulus one without YaRN."""
    return _turned_by(positions_T, _frequencies(shape, like), shape, like)


def _spans_of_tokens(starts: List[int], like: Tensor) -> Tensor:
    """The span, or document, that each token is in, [T]. In few operations however many there are."""
    ends_S = torch.tensor(starts[1:], dtype=torch.int64, device=like.device)
    return torch.searchsorted(ends_S, torch.arange(starts[-1], device=like.device), right=True)


def _positions(spans: List[int], like: Tensor) -> Tensor:
    """Positions that restart at every span."""
    firsts_S = torch.tensor(spans[:-1], dtype=torch.int64, device=like.device)
    firsts_T = torch.index_select(firsts_S, 0, _spans_of_tokens(spans, like))
    return torch.arange(spans[-1], device=like.device) - firsts_T


def _runs(spans: List[int]) -> Runs:
    tokens: List[int] = []
    lengths: List[int] = []
    for i in range(len(spans) - 1):
        n = spans[i + 1] - spans[i]
        if len(lengths) > 0 and lengths[-1] == n:
            tokens[-1] = tokens[-1] + n
        else:
            tokens.append(n)
            lengths.append(n)
    return Runs(tokens, lengths)


def _sight(spans: List[int], shape: Shape, like: Tensor) -> Sight:
    starts_S = torch.tensor(spans, dtype=torch.int32, device=like.device)
    return Sight(_rotations(_positions(spans, like), shape, like), _runs(spans), starts_S)


def _documents(starts: List[int], like: Tensor) -> Documents:
    return Documents(_spans_of_tokens(starts, like), len(starts) - 1)


def _shifted(values_T: Tensor, starts: List[int], fill: int) -> Tensor:
    """values[t + 1] where t + 1 is in the same document, else fill."""
    shifted = torch.roll(values_T, -1, 0)
    ends = torch.tensor(starts[1:], device=values_T.device) - 1
    return torch.index_fill(shifted, 0, ends, fill)


def _batch(
    ids: Tensor, starts: List[int], spans: List[int], mask: Optional[Tensor], modules: int, shape: Shape,
    like: Tensor
) -> Batch:
    """Of int32 ids [T]; targets where the mask, uint8 [T], is not 0."""
    ids_T = ids.to(torch.int64)
    targets_T = ids_T
    if mask is not None:
        targets_T = torch.masked_fill(ids_T, mask == 0, -100)
    next_ids = [ids_T]
    counted = [torch.ones([torch.size(ids_T, 0), 1], dtype=like.dtype, device=like.device)]
    targets = [_shifted(targets_T, starts, -100)]
    for k in range(modules):
        next_ids.append(_shifted(next_ids[k], spans, 0))
        counted.append(_shifted(counted[k], starts, 0))
        targets.append(_shifted(targets[k], starts, -100))
    return Batch(next_ids, counted, targets, _sight(spans, shape, like), _documents(starts, like))
