# The gradient that REINFORCE takes of one draw.
import torch
from torch import Tensor


def policy_slope(logits_RC: Tensor, labels_R: Tensor, drawn_R: Tensor, advantage: float) -> Tensor:
    leaf_RC = torch.requires_grad_(torch.detach(logits_RC))
    rows = Rows(chosen_RC(labels_R, logits_RC), torch.ones_like(torch.select(logits_RC, 1, 0)))
    reward = torch.full([], advantage, dtype=logits_RC.dtype)
    slope_RC = torch.zeros_like(logits_RC)
    for found in torch.grad([policy_objective(leaf_RC, chosen_RC(drawn_R, logits_RC), reward, rows)], [leaf_RC]):
        if found is not None:
            slope_RC = found
    return slope_RC
