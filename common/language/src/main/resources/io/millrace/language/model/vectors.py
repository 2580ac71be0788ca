# Texts as vectors: what a decoder knows of them before its head.
import torch
from torch import Tensor
from typing import List


def states(weights: Weights, ids: Tensor, starts: List[int], shape: Shape) -> Tensor:
    """States [T, D] behind the last norm; documents do not see each other."""
    choices: List[Choice] = []
    return _embedded(weights, ids.to(torch.int64), _sight(starts, shape, weights.norm_D), choices, shape)


def text_vectors(weights: Weights, ids: Tensor, starts: List[int], last: bool, shape: Shape) -> Tensor:
    """A vector [N, D] for each document: its last state, or the mean of all."""
    states_TD = states(weights, ids, starts, shape)
    ends_N = torch.tensor(starts[1:], dtype=torch.int64, device=ids.device)
    if last:
        vectors_ND = torch.index_select(states_TD, 0, ends_N - 1)
    else:
        documents = _documents(starts, ids)
        sums_ND = torch.zeros(
            [documents.count, torch.size(states_TD, 1)], dtype=states_TD.dtype, device=ids.device
        )
        lengths_N = ends_N - torch.tensor(starts[:-1], dtype=torch.int64, device=ids.device)
        sums_ND = torch.index_add(sums_ND, 0, documents.of_token_T, states_TD)
        vectors_ND = sums_ND / torch.unsqueeze(lengths_N, 1)
    return vectors_ND
