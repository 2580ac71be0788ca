# The vectors that an encoder makes of documents, as features.
#
# Shape suffixes: N documents, D values of a vector.
import torch
from torch import Tensor
from typing import List, NamedTuple


class Source(NamedTuple):
    encoder: EncoderNetwork


def source_features(values: Tensor, starts: List[int], source: Source, learning: bool) -> Tensor:
    """[N, D]"""
    return vectors(source.encoder, values, starts, Run(learning, [0]))
