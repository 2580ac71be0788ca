# The head of the hand-written step (fused_step.py) on bfloat16 tensors, forward and backward at once. The legend of
# weights.py holds here too.
import torch
from torch import Tensor
from typing import Tuple


def _piece_of_loss(logits_PV: Tensor, p_PV: Tensor, targets_P1: Tensor, counts_P1: Tensor) -> Tensor:
    """Sum of -log p, float32. Any logit tells by its probability what all are divided by; the largest cannot
    have a probability of 0."""
    best_P1 = torch.argmax(logits_PV, -1, True)
    own_P1 = torch.gather(logits_PV, 1, targets_P1).to(torch.float32)
    most_P1 = torch.gather(logits_PV, 1, best_P1).to(torch.float32)
    logs_P1 = own_P1 - most_P1 + torch.log(torch.gather(p_PV, 1, best_P1).to(torch.float32))
    return torch.neg(torch.sum(logs_P1 * counts_P1))


def _head_step(
    h_TD: Tensor, head_VD: Tensor, gradient_VD: Tensor, targets_T: Tensor, scale: float
) -> Tuple[Tensor, Tensor]:
    """Sum of -log p over the targets, and `scale` times its gradient by h. In pieces of P tokens, because logits
    and probabilities are the largest tensors of a step."""
    tokens = torch.size(h_TD, 0)
    piece = 8192
    dh_TD = torch.empty_like(h_TD)
    loss = torch.zeros([], dtype=torch.float32, device=h_TD.device)
    for first in range(0, tokens, piece):
        count = min(piece, tokens - first)
        h = torch.narrow(h_TD, 0, first, count)
        targets = torch.unsqueeze(torch.narrow(targets_T, 0, first, count), 1)
        counts = (targets >= 0).to(torch.float32)
        targets = torch.clamp(targets, 0)
        logits = torch.mm(h, torch.t(head_VD))
        p = torch.softmax(logits, -1)
        loss = loss + _piece_of_loss(logits, p, targets, counts)
        # p - 1 at the target; rows are weighted on the narrow side of the products.
        p.scatter_add_(1, targets, torch.full([count, 1], -1.0, dtype=p.dtype, device=p.device))
        gradient_VD.add_(torch.mm(torch.t(p), h * counts.to(h.dtype)), alpha=scale)
        torch.mul(torch.mm(p, head_VD), counts * scale, out=torch.narrow(dh_TD, 0, first, count))
    return loss, dh_TD
