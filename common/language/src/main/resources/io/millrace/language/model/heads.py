# Losses and likeliest tokens of a head, which has the largest tensors of all. In pieces of P tokens, where not all
# logits are asked for. The legend of weights.py holds here.
import torch
from torch import Tensor
from typing import List


def _loss_sum(h_TD: Tensor, head_VD: Tensor, targets_T: Tensor) -> Tensor:
    logits_TV = torch.linear(h_TD, head_VD)
    if logits_TV.dtype == torch.bfloat16:
        logits_TV = logits_TV.to(torch.float32)
    return torch.cross_entropy_loss(logits_TV, targets_T, None, 2, -100)


def _piece(h_TD: Tensor) -> int:
    """Tokens whose logits are in memory at a time."""
    return 8192 if h_TD.is_cuda else 256


def _for_piece(h_TD: Tensor, head_VD: Tensor) -> Tensor:
    """Memory for the logits of a piece, [P, V]; all pieces use the same, because fresh pages take long and the
    allocator seldom fits a block of that size into one that it was given back."""
    return torch.empty(
        [min(_piece(h_TD), torch.size(h_TD, 0)), torch.size(head_VD, 0)], dtype=h_TD.dtype, device=h_TD.device)


def _piece_loss(h_PD: Tensor, head_VD: Tensor, targets_P1: Tensor, logits_PV: Tensor, p_PV: Tensor) -> Tensor:
    """As _loss_sum without autograd; logits and probabilities are left in the last two."""
    torch.mm(h_PD, torch.t(head_VD), out=logits_PV)
    torch.softmax(logits_PV, -1, out=p_PV)
    # The largest logit has the probability 1 / sum of exponentials.
    logs_P1 = torch.gather(logits_PV, 1, torch.clamp(targets_P1, 0)) - torch.amax(logits_PV, [-1], True)
    logs_P1 = logs_P1 + torch.log(torch.amax(p_PV, [-1], True))
    return torch.neg(torch.sum(logs_P1 * (targets_P1 >= 0).to(h_PD.dtype)))


def _loss_sum_by_pieces(h_TD: Tensor, head_VD: Tensor, targets_T: Tensor) -> Tensor:
    """As _loss_sum without autograd, added up in float64."""
    tokens = torch.size(h_TD, 0)
    logits_PV = _for_piece(h_TD, head_VD)
    p_PV = torch.empty_like(logits_PV)
    loss = torch.zeros([], dtype=torch.float64, device=h_TD.device)
    for first in range(0, tokens, _piece(h_TD)):
        count = min(_piece(h_TD), tokens - first)
        part = _piece_loss(
            torch.narrow(h_TD, 0, first, count), head_VD,
            torch.unsqueeze(torch.narrow(targets_T, 0, first, count), 1), torch.narrow(logits_PV, 0, 0, count),
            torch.narrow(p_PV, 0, 0, count))
        loss = loss + part.to(torch.float64)
    return loss


def _likeliest(h_TD: Tensor, head_VD: Tensor) -> Tensor:
    """Token of the largest logit, [T]; without autograd."""
    tokens = torch.size(h_TD, 0)
    logits_PV = _for_piece(h_TD, head_VD)
    parts: List[Tensor] = []
    for first in range(0, tokens, _piece(h_TD)):
        count = min(_piece(h_TD), tokens - first)
        logits = torch.narrow(logits_PV, 0, 0, count)
        torch.mm(torch.narrow(h_TD, 0, first, count), torch.t(head_VD), out=logits)
        parts.append(torch.argmax(logits, -1))
    return torch.cat(parts)
