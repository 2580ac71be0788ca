# The head of the hand-written step (fused_step.py), forward and backward at once, in the number format of the
# weights. The legend of weights.py holds here too.
import torch
from torch import Tensor
from typing import Tuple


def _head_step(
    h_TD: Tensor, head_VD: Tensor, gradient_VD: Tensor, targets_T: Tensor, scale: float
) -> Tuple[Tensor, Tensor]:
    """Sum of -log p over the targets, and `scale` times its gradient by h. In pieces of P tokens, because logits
    and probabilities are the largest tensors of a step."""
    tokens = torch.size(h_TD, 0)
    logits_PV = _for_piece(h_TD, head_VD)
    p_PV = torch.empty_like(logits_PV)
    dh_TD = torch.empty_like(h_TD)
    loss = torch.zeros([], dtype=h_TD.dtype, device=h_TD.device)
    for first in range(0, tokens, _piece(h_TD)):
        count = min(_piece(h_TD), tokens - first)
        h = torch.narrow(h_TD, 0, first, count)
        targets = torch.unsqueeze(torch.narrow(targets_T, 0, first, count), 1)
        counts = (targets >= 0).to(h_TD.dtype)
        p = torch.narrow(p_PV, 0, 0, count)
        loss = loss + _piece_loss(h, head_VD, targets, torch.narrow(logits_PV, 0, 0, count), p)
        # p - 1 at the target; rows are weighted on the narrow side of the products.
        p.scatter_add_(1, torch.clamp(targets, 0), torch.full_like(counts, -1.0))
        counts = counts * scale
        gradient_VD.addmm_(torch.t(p), h * counts)
        torch.mul(_times(p, torch.t(head_VD)), counts, out=torch.narrow(dh_TD, 0, first, count))
    return loss, dh_TD
