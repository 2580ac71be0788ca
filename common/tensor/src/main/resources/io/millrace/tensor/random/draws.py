# Random choices that follow from a seed and a number alone, on any device and in any order.
#
# Shape suffixes: A things to choose from; N seeds, or rows with a seed each.
import torch
from torch import Tensor


def _spread(x: Tensor, shift: int) -> Tensor:
    return torch.bitwise_xor(x, torch.bitwise_right_shift(x, shift))


def _low_product(x: Tensor, factor: int) -> Tensor:
    """The lower 32 bits of the product; factors below 2^31 keep it within 63."""
    return torch.bitwise_and(x * factor, 4294967295)


def mixed(x: Tensor) -> Tensor:
    """A hash of whole numbers below 2^32 (C. Wellons, "hash-prospector", the pair 21f0aaad, 735a2d97)."""
    once = _spread(_low_product(_spread(x, 16), 569420461), 15)
    return _spread(_low_product(once, 1935289751), 15)


def _hashes_of(places: Tensor, seed: Tensor, stream: int) -> Tensor:
    start = mixed(torch.bitwise_and(seed + stream * 2654435769, 4294967295))
    return mixed(torch.bitwise_xor(mixed(places), torch.unsqueeze(start, -1)))


def hashes(seed: Tensor, stream: int, count: int) -> Tensor:
    """Whole numbers below 2^32 for 0, 1, ...; another stream of the same seed gives others. [count], or [N, count]"""
    return _hashes_of(torch.arange(count, device=seed.device), seed, stream)


def uniform(seed: Tensor, stream: int, count: int, like: Tensor) -> Tensor:
    """Numbers in [0, 1) of the format of another tensor, in steps that float32 holds: [count], or [N, count]."""
    return torch.bitwise_right_shift(hashes(seed, stream, count), 8).to(like.dtype) / 16777216.0


def sampled(among_NA: Tensor, place_NA: Tensor, seeds_N: Tensor, stream: int, most_N: Tensor, limit: int) -> Tensor:
    """True for so many of those of each row that are true, all alike likely; for all, if there are no more. [N, A]

    Which ones follows from a row's seed and the places that these are said to have. Rows have limits of their own,
    none above the common one.
    """
    never = 4294967296
    keys_NA = _hashes_of(place_NA, seeds_N, stream)
    keys_NA = torch.where(among_NA, keys_NA, torch.full_like(keys_NA, never))
    count = min(limit, torch.size(among_NA, 1))
    key_NM, at_NM = torch.topk(keys_NA, count, 1, False)
    rank_M = torch.arange(count, device=among_NA.device)
    chosen_NM = torch.logical_and(key_NM < never, rank_M < torch.unsqueeze(most_N, 1))
    return torch.scatter(torch.zeros_like(among_NA), 1, at_NM, chosen_NM)


def drawn(among_A: Tensor, seed: Tensor, stream: int, most: int) -> Tensor:
    """Places of so many of those that are true, all alike likely; of all, if there are no more. Rising."""
    among_1A = torch.unsqueeze(among_A, 0)
    place_1A = torch.unsqueeze(torch.arange(torch.size(among_A, 0), device=among_A.device), 0)
    most_1 = torch.full([1], most, dtype=torch.int64, device=among_A.device)
    chosen_1A = sampled(among_1A, place_1A, torch.reshape(seed, [1]), stream, most_1, most)
    return torch.squeeze(torch.nonzero(torch.squeeze(chosen_1A, 0)), 1)
