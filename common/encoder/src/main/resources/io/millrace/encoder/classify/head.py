# The head of a classifier: hidden layers, none for a linear one, and a layer with a result a class.
#
# Shape suffixes: N examples, I and O numbers in and out of a layer, C classes.
# Compiled together with the hidden layers' activation as `activate_hidden`.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional


class Dense(NamedTuple):
    weight_OI: Tensor
    bias_O: Optional[Tensor]
    slope: Optional[Tensor]  # of its activation, if that has one


class Head(NamedTuple):
    hidden: List[Dense]
    last: Dense
    dropout: float  # probability that a hidden number is left out while learning


def _dropped(x_NO: Tensor, layer: int, dropout: float, seeds_N: Tensor) -> Tensor:
    """Leaves numbers out, each by its example's seed, so that it does not matter what else is in the batch."""
    numbers_O = mixed(torch.arange(torch.size(x_NO, 1), device=x_NO.device) + 65536 * layer)
    hashes_NO = mixed(torch.bitwise_xor(torch.unsqueeze(seeds_N, 1), numbers_O))
    kept_NO = hashes_NO >= int(dropout * 4294967296.0)
    return x_NO * kept_NO.to(x_NO.dtype) * (1.0 / (1.0 - dropout))


def last_logits(x_NI: Tensor, last: Dense) -> Tensor:
    """[N, C], a class a line of memory: with few classes that product takes half as long."""
    x_IN = torch.t(x_NI)
    bias_C = last.bias_O
    if bias_C is not None:
        return torch.t(torch.addmm(torch.unsqueeze(bias_C, 1), last.weight_OI, x_IN))
    return torch.t(torch.mm(last.weight_OI, x_IN))


def activated(z_NO: Tensor, head: Head, layer: int, seeds_N: Tensor) -> Tensor:
    """What a hidden layer gives, of what its product is; without seeds nothing is left out."""
    y_NO = activate_hidden(z_NO, head.hidden[layer].slope)
    if head.dropout > 0.0 and torch.size(seeds_N, 0) > 0:
        y_NO = _dropped(y_NO, layer, head.dropout, seeds_N)
    return y_NO


def hidden(x_NI: Tensor, head: Head, seeds_N: Tensor) -> Tensor:
    """What the last layer reads."""
    x = x_NI
    for i in range(len(head.hidden)):
        layer = head.hidden[i]
        x = activated(torch.linear(x, layer.weight_OI, layer.bias_O), head, i, seeds_N)
    return x
