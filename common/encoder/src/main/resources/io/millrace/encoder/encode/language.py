# The states of a language model at its tokens.
#
# Shape suffixes: V vocabulary, T tokens, D values of a state.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Encoder(NamedTuple):
    embedding_VD: Tensor
    body: Body
    shape: Shape


def encoded(values: Tensor, starts: List[int], encoder: Encoder, changes: Changes, run: Run) -> Places:
    embedded_TD = torch.embedding(encoder.embedding_VD, values.to(torch.int64))
    return Places(body_states(embedded_TD, starts, encoder.body, encoder.shape), starts, 1)
