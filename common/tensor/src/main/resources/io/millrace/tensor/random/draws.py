# Random choices that follow from a seed and a number alone, on any device and in any order.
#
# Shape suffixes: A things to choose from.
import torch
from torch import Tensor


def _spread(x: Tensor, shift: int) -> Tensor:
    return torch.bitwise_xor(x, torch.bitwise_right_shift(x, shift))


def _times(x: Tensor, factor: int) -> Tensor:
    """The lower 32 bits of the product; factors below 2^31 keep it within 63."""
    return torch.bitwise_and(x * factor, 4294967295)


def mixed(x: Tensor) -> Tensor:
    """A hash of whole numbers below 2^32 (C. Wellons, "hash-prospector", the pair 21f0aaad, 735a2d97)."""
    once = _spread(_times(_spread(x, 16), 569420461), 15)
    return _spread(_times(once, 1935289751), 15)


def hashes(seed: Tensor, stream: int, count: int) -> Tensor:
    """Whole numbers below 2^32 for 0, 1, ...; another stream of the same seed gives others. [count]"""
    start = mixed(torch.bitwise_and(seed + stream * 2654435769, 4294967295))
    return mixed(torch.bitwise_xor(mixed(torch.arange(count, device=seed.device)), start))


def uniform(seed: Tensor, stream: int, count: int, like: Tensor) -> Tensor:
    """Numbers in [0, 1) of the format of another tensor, in steps that float32 holds: [count]."""
    return torch.bitwise_right_shift(hashes(seed, stream, count), 8).to(like.dtype) / 16777216.0


def drawn(among_A: Tensor, seed: Tensor, stream: int, most: int) -> Tensor:
    """Places of so many of those that are true, all alike likely; of all, if there are no more. Rising."""
    places = torch.squeeze(torch.nonzero(among_A), 1)
    if torch.size(places, 0) <= most:
        return places
    keys = torch.index_select(hashes(seed, stream, torch.size(among_A, 0)), 0, places)
    _keys, first = torch.topk(keys, most, 0, False)
    chosen, _order = torch.sort(torch.index_select(places, 0, first))
    return chosen
