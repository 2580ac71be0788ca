# A decoder that continues sequences: reads a prompt, then a token of each of B sequences at a time, each of which
# attends its own cache where it lies; a device has pooled_decode.py for that. For any shape and number format; routers
# and head may be float32 where all else is bfloat16, and then logits are. Compiled together with decoder.py; the legend
# of weights.py holds here too.
import torch
from torch import Tensor
from typing import List


def _with_caches(
    x_TD: Tensor, weights: Weights, sight: Sight, caches: List[List[Cache]], decoding: bool, shape: Shape
) -> Tensor:
    """All layers, each of which adds what it sees to its caches."""
    choices: List[Choice] = []
    for i, layer in enumerate(weights.layers):
        x_TD = _layer(x_TD, layer, sight, caches[i], decoding, choices, shape)
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
    x = _with_caches(x, weights, sight, _by_layer([latents], [keys], [0]), False, shape)
    return torch.squeeze(_said(x[-1:], weights, shape), 0)


def _by_layer(latents: List[Tensor], keys: List[Tensor], positions: List[int]) -> List[List[Cache]]:
    """The caches of all sequences."""
    latents_by_sequence: List[List[Tensor]] = []
    keys_by_sequence: List[List[Tensor]] = []
    for b in range(len(positions)):
        latents_by_sequence.append(torch.unbind(latents[b], 0))
        keys_by_sequence.append(torch.unbind(keys[b], 0))
    by_layer: List[List[Cache]] = []
    for layer in range(torch.size(latents[0], 0)):
        caches: List[Cache] = []
        for b, position in enumerate(positions):
            caches.append(Cache(latents_by_sequence[b][layer], keys_by_sequence[b][layer], position))
        by_layer.append(caches)
    return by_layer


def decode(
    weights: Weights,
    tokens: List[int],
    positions: List[int],  # how many tokens of each sequence were read before
    latents: List[Tensor],  # [L, P, C] of each sequence
    keys: List[Tensor],  # [L, P, R]
    shape: Shape,
) -> Tensor:
    """Logits [B, V] after one more token of each sequence; adds it to the sequence's cache."""
    device = weights.norm_D.device
    positions_B = torch.tensor(positions, dtype=torch.int64, device=device)
    x = _read(weights, torch.tensor(tokens, dtype=torch.int64, device=device))
    starts_S = torch.arange(2, dtype=torch.int32, device=device)
    sight = Sight(_rotations(positions_B, shape, weights.head_VD), _runs([0, 1]), starts_S)
    x = _with_caches(x, weights, sight, _by_layer(latents, keys, positions), True, shape)
    return _said(x, weights, shape)
