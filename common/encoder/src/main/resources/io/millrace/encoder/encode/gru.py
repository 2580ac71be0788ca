# A recurrent context by libtorch's GRU, which takes sequences of any lengths packed: the first places of all
# sequences, the longest sequence first, then the second ones of those that have one, and so on.
#
# Shape suffixes: M places, S sequences, D and C values of a place and of a context, L layers.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class Context(NamedTuple):
    weights: List[Tensor]  # of each layer: input, state, their biases
    width: int
    layers: int


def _order(starts: List[int]) -> Tuple[Tensor, Tensor]:
    """The places in packed order, and how many sequences have a first place, a second, ...; on the processor."""
    bounds = torch.tensor(starts)
    firsts_S = bounds[:-1]
    lengths_S = bounds[1:] - firsts_S
    sequences = len(starts) - 1
    _lengths, longest_S = torch.sort(lengths_S, stable=True, dim=0, descending=True)
    rank_S = torch.argsort(longest_S)
    of_M = torch.repeat_interleave(torch.arange(sequences), lengths_S)
    position_M = torch.arange(starts[-1]) - torch.index_select(firsts_S, 0, of_M)
    order_M = torch.argsort(position_M * sequences + torch.index_select(rank_S, 0, of_M))
    return order_M, torch.bincount(position_M)


def contexts(places: Places, context: Context, run: Run) -> Tensor:
    z_MD = places.z_MD
    order, counts = _order(places.starts)
    order_M = order.to(z_MD.device)
    back_M = torch.argsort(order).to(z_MD.device)
    state_LSC = torch.zeros(
        [context.layers, len(places.starts) - 1, context.width], dtype=z_MD.dtype, device=z_MD.device)
    packed = torch.index_select(z_MD, 0, order_M)
    c_MC, _state = torch.gru(
        packed, counts, state_LSC, context.weights, True, context.layers, 0.0, run.learning, False)
    return torch.index_select(c_MC, 0, back_M)
