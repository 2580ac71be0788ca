# An encoder and a context, each from a file of its own, linked by the names of their functions.
#
# Shape suffixes: T tokens, N documents or pictures, M places of all of them, D values of an encoder's vector, C of a
# context's or a document's, H and W rows and columns of pixels.
#
# `values` are token ids int32 [T] or pixels uint8 [N, H, W, 3]; `starts` the first token of every document, then T.
#
# What an encoder must define: `Encoder`, and `encoded`, its places; a context: `Context`, and `contexts`, [M, C].
import torch
from torch import Tensor
from typing import List, NamedTuple


class Places(NamedTuple):
    """What an encoder makes of documents: sequences of places, one behind the other."""

    z_MD: Tensor
    starts: List[int]  # first place of every sequence, then M
    each: int  # sequences of a document


class Changes(NamedTuple):
    """How pictures are changed at random; texts are not."""

    flip: float  # probability that a picture is mirrored
    vertical_flip: float
    hidden: int  # pixels of a crop's sides that are blank, on either side of a window at a random place
    colour_drop: float  # probability that all channels of a crop show one of them
    seed: int  # a whole number below 2^32


class EncoderNetwork(NamedTuple):
    encoder: Encoder
    context: Context
    predictions: List[Tensor]  # [D, C] for each step ahead
    learned: List[Tensor]  # all of the above in their order
    of_context: bool  # whether a document's vector is of what the context gives, rather than the encoder
    last: bool  # whether it is that of the last places, rather than their mean


def unchanged() -> Changes:
    return Changes(0.0, 0.0, 0, 0.0, 0)


def _document_starts(places: Places) -> List[int]:
    starts: List[int] = []
    for i in range(0, len(places.starts), places.each):
        starts.append(places.starts[i])
    return starts


def mean_of_documents(x_MC: Tensor, places: Places) -> Tensor:
    """[N, C]"""
    at_M = torch.arange(torch.size(x_MC, 0), device=x_MC.device)
    starts = torch.tensor(_document_starts(places)[:-1], device=x_MC.device)
    mean, _of, _counts, _maxima = torch.embedding_bag(x_MC, at_M, starts, False, 1)
    return mean


def last_of_documents(x_MC: Tensor, places: Places) -> Tensor:
    """The mean of the last places of a document's sequences, [N, C]."""
    ends = torch.tensor(places.starts[1:], device=x_MC.device) - 1
    last = torch.index_select(x_MC, 0, ends)
    return torch.mean(torch.reshape(last, [-1, places.each, torch.size(x_MC, 1)]), [1])


def vectors(network: EncoderNetwork, values: Tensor, starts: List[int], run: Run) -> Tensor:
    """A vector for each document, [N, C]."""
    places = encoded(values, starts, network.encoder, unchanged(), run)
    x_MC = places.z_MD
    if network.of_context:
        x_MC = contexts(places, network.context, run)
    if network.last:
        return last_of_documents(x_MC, places)
    return mean_of_documents(x_MC, places)


def document_vectors(network: EncoderNetwork, values: Tensor, starts: List[int]) -> Tensor:
    """The same by a network that does not learn."""
    return vectors(network, values, starts, Run(False, [0]))
