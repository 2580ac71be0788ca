# Token embeddings and causal convolutions that see nothing of other documents.
#
# Shape suffixes: V vocabulary, M places before a convolution, G after it, I and O values in and out, k its kernel.
import torch
from torch import Tensor
from typing import List, NamedTuple, Tuple


class Causal(NamedTuple):
    conv: Conv  # of all the taps' values together, 1 x 1
    kernel: int  # places that it sees: its own and those before it
    stride: int  # places that become one


class Encoder(NamedTuple):
    embedding_VD: Tensor
    layers: List[Causal]


def _ends(starts: List[int], stride: int, like: Tensor) -> Tuple[Tensor, Tensor, List[int]]:
    """The last place of every group and the first of its document, [G]; where the documents' groups begin."""
    ends: List[Tensor] = []
    firsts: List[Tensor] = []
    groups = [0]
    for i in range(len(starts) - 1):
        first = starts[i]
        last = starts[i + 1] - 1
        count = (last - first) // stride + 1
        every = torch.arange(count, device=like.device) * stride
        ends.append(torch.clamp(every + (first + stride - 1), None, last))
        firsts.append(torch.full([count], first, dtype=torch.int64, device=like.device))
        groups.append(groups[-1] + count)
    return torch.cat(ends), torch.cat(firsts), groups


def _taps(x_MI: Tensor, ends_G: Tensor, firsts_G: Tensor, kernel: int) -> Tensor:
    """What a convolution sees, zeros before a document's first place: [G, k I]."""
    before_k = torch.arange(kernel - 1, -1, -1, device=x_MI.device)
    at_Gk = torch.unsqueeze(ends_G, 1) - before_k
    nothing = torch.size(x_MI, 0)
    at_Gk = torch.where(at_Gk >= torch.unsqueeze(firsts_G, 1), at_Gk, torch.full_like(at_Gk, nothing))
    x = torch.constant_pad_nd(x_MI, [0, 0, 0, 1])
    return torch.reshape(torch.index_select(x, 0, torch.flatten(at_Gk)), [torch.size(at_Gk, 0), -1])


def _causal(taps_GJ: Tensor, conv: Conv, run: Run) -> Tensor:
    y_GO = torch.linear(taps_GJ, torch.flatten(conv.weight_OIkk, 1), conv.bias_O)
    norm = conv.norm
    if norm is not None:
        y_GO = normalise(y_GO, norm, run)
    return activate(y_GO, conv.slope)


def encoded(values: Tensor, starts: List[int], encoder: Encoder, changes: Changes, run: Run) -> Places:
    x_MI = torch.embedding(encoder.embedding_VD, values.to(torch.int64))
    at = starts
    for layer in encoder.layers:
        ends_G, firsts_G, at, = _ends(at, layer.stride, x_MI)
        x_MI = _causal(_taps(x_MI, ends_G, firsts_G, layer.kernel), layer.conv, run)
    return Places(x_MI, at, 1)
