# A decoder that continues sequences: reads a prompt, then a token of each of B sequences at a time. For any shape
# and number format; routers and head may be float32 where all else is bfloat16, and then logits are. Compiled together
# with decoder.py; the legend of weights.py holds here too.
#
# On a device the caches of all sequences are gathered into one tensor a step, because an operation costs the more to
# start than to run; on a processor each sequence attends its own cache, which is read where it lies.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Together(NamedTuple):
    """The caches of all sequences and layers, see Gathered."""

    latents_LBPC: Tensor
    keys_LBPR: Tensor
    own_B: Tensor
    unseen_B1P: Tensor


def _with_past(
    x_TD: Tensor, weights: Weights, sight: Sight, pasts: List[Past], decoding: bool, shape: Shape
) -> Tensor:
    """All layers, each of which adds what it sees to its past."""
    choices: List[Choice] = []
    for i, layer in enumerate(weights.layers):
        x_TD = _layer(x_TD, layer, sight, pasts[i], decoding, choices, shape)
    return x_TD


def _read(weights: Weights, ids_T: Tensor) -> Tensor:
    """States of tokens before the first layer; a head that is the embedding is exact."""
    return torch.embedding(weights.embedding_VD, ids_T).to(weights.norm_D.dtype)


def _said(x_TD: Tensor, weights: Weights, shape: Shape) -> Tensor:
    """Logits [T, V]."""
    return torch.linear(_rms(x_TD, weights.norm_D, shape.eps).to(weights.head_VD.dtype), weights.head_VD)


def prefill(
    weights: Weights,
    ids: Tensor,
    latents: Tensor,  # [L, P, C], written from position 0
    keys: Tensor,  # [L, P, R]
    shape: Shape,
) -> Tensor:
    """Logits [V] after a prompt; fills the latent cache."""
    x = _read(weights, ids.to(torch.int64))
    sight = _sight([0, torch.size(ids, 0)], shape, weights.head_VD)
    pasts = _own_pasts([latents], [keys], [0])
    x = _with_past(x, weights, sight, pasts, False, shape)
    return torch.squeeze(_said(x[-1:], weights, shape), 0)


def _own_pasts(latents: List[Tensor], keys: List[Tensor], positions: List[int]) -> List[Past]:
    """Of every layer, of caches that are used where they lie."""
    latents_by_sequence: List[List[Tensor]] = []
    keys_by_sequence: List[List[Tensor]] = []
    for b in range(len(positions)):
        latents_by_sequence.append(torch.unbind(latents[b], 0))
        keys_by_sequence.append(torch.unbind(keys[b], 0))
    pasts: List[Past] = []
    for layer in range(torch.size(latents[0], 0)):
        caches: List[Cache] = []
        for b, position in enumerate(positions):
            caches.append(Cache(latents_by_sequence[b][layer], keys_by_sequence[b][layer], position))
        pasts.append(Past(caches, None))
    return pasts


def _padded(caches: List[Tensor], positions: List[int], rows_BP: Tensor) -> Tensor:
    """What caches [L, P, C] hold, [L, B, P, C] with P of the longest sequence; rows are counted over all."""
    held: List[Tensor] = []
    for b, cache in enumerate(caches):
        held.append(torch.narrow(cache, 1, 0, positions[b]))
    together = torch.index_select(torch.cat(held, 1), 1, torch.flatten(rows_BP))
    return torch.unflatten(together, 1, [torch.size(rows_BP, 0), -1])


def _together(latents: List[Tensor], keys: List[Tensor], positions: List[int], positions_B: Tensor) -> Together:
    longest = max(positions) + 1
    places_1P = torch.unsqueeze(torch.arange(longest, device=positions_B.device), 0)
    at_B1 = torch.unsqueeze(positions_B, 1)
    # A place that a sequence does not have repeats its last token.
    rows_BP = torch.cumsum(at_B1, 0) - at_B1 + torch.minimum(places_1P, at_B1 - 1)
    own_B = torch.arange(len(positions), device=positions_B.device) * longest + positions_B
    return Together(
        _padded(latents, positions, rows_BP), _padded(keys, positions, rows_BP), own_B,
        torch.unsqueeze(places_1P > at_B1, 1))


def _shared_pasts(together: Together) -> List[Past]:
    """Of every layer."""
    layers_BPC = torch.unbind(together.latents_LBPC, 0)
    layers_BPR = torch.unbind(together.keys_LBPR, 0)
    none: List[Cache] = []
    pasts: List[Past] = []
    for i in range(len(layers_BPC)):
        pasts.append(
            Past(none, Gathered(layers_BPC[i], layers_BPR[i], together.own_B, together.unseen_B1P)))
    return pasts


def _give_back_(caches: List[Tensor], together_LBPC: Tensor, positions: List[int], own_B: Tensor) -> Tensor:
    """Copies to each sequence's own cache what its token added."""
    added_LBC = torch.index_select(torch.flatten(together_LBPC, 1, 2), 1, own_B)
    by_sequence = torch.unbind(added_LBC, 1)
    for b, cache in enumerate(caches):
        torch.select(cache, 1, positions[b]).copy_(by_sequence[b])
    return added_LBC


def decode(
    weights: Weights,
    tokens: List[int],
    positions: List[int],  # how many tokens of each sequence were read before; at least one to be gathered
    latents: List[Tensor],  # [L, P, C] of each sequence
    keys: List[Tensor],  # [L, P, R]
    gathering: bool,
    shape: Shape,
) -> Tensor:
    """Logits [B, V] after one more token of each sequence; adds it to the sequence's cache."""
    device = weights.norm_D.device
    positions_B = torch.tensor(positions, dtype=torch.int64, device=device)
    x = _read(weights, torch.tensor(tokens, dtype=torch.int64, device=device))
    starts_S = torch.arange(2, dtype=torch.int32, device=device)
    sight = Sight(_rotations(positions_B, shape, weights.head_VD), _runs([0, 1]), starts_S)
    if gathering:
        together = _together(latents, keys, positions, positions_B)
        x = _with_past(x, weights, sight, _shared_pasts(together), True, shape)
        _give_back_(latents, together.latents_LBPC, positions, together.own_B)
        _give_back_(keys, together.keys_LBPR, positions, together.own_B)
    else:
        x = _with_past(x, weights, sight, _own_pasts(latents, keys, positions), True, shape)
    return _said(x, weights, shape)
