# What the focal loss is made of (Lin et al. 2017, arXiv 1708.02002, equation 4, gamma 2), with its derivative written by hand:
# autograd would keep and walk through a dozen tensors as large as the scores of all classes.
#
# Shape suffixes: X values in a row; N pictures, A places of a picture, C classes, P places of all pictures that learn an
# object, Q those that learn nothing.
import torch
from torch import Tensor
from typing import Optional


def _at_a_time(x_X: Tensor) -> int:
    """So many values that a processor's cache holds what is made of them; a device takes them all at once."""
    return max(torch.size(x_X, 0), 1) if x_X.is_cuda else 65536


def no_object_loss(x_X: Tensor, weight_X: Optional[Tensor], slope_X: Tensor) -> Tensor:
    """The sum of weight * p^2 * -log(1 - p), p the sigmoid of x; its derivatives are written to the last argument.

    That there is an object costs as much as that there is none at -x.
    """
    total = torch.zeros([], dtype=torch.float64, device=x_X.device)
    each = _at_a_time(x_X)
    for first in range(0, torch.size(x_X, 0), each):
        count = min(each, torch.size(x_X, 0) - first)
        x = torch.narrow(x_X, 0, first, count)
        p = torch.sigmoid(x)
        square = torch.square(p)
        loss = torch.softplus(x).mul_(square)
        if weight_X is not None:
            weight = torch.narrow(weight_X, 0, first, count)
            loss.mul_(weight)
            square.mul_(weight)
        total = total + torch.sum(loss)
        slope = torch.narrow(slope_X, 0, first, count)
        # p^3 + 2 p^2 (1 - p) * -log(1 - p), with few passes.
        torch.sub(square, loss, alpha=2.0, out=slope)
        slope.mul_(p).add_(loss, alpha=2.0)
    return total.to(x_X.dtype)


def with_slope(value: Tensor, x_X: Tensor, slope_X: Tensor) -> Tensor:
    """The value, as a function of x that has this slope."""
    linear = torch.dot(x_X, slope_X)
    return value + (linear - linear.detach())


def focal_loss(logits_NAC: Tensor, counted_NA: Tensor, place_P: Tensor, class_P: Tensor) -> Tensor:
    """The sum of the focal loss, alpha 0.25 (equation 5).

    All places that count learn that no class is there, but for the classes that some places learn.
    """
    classes = torch.size(logits_NAC, 2)
    x_X = torch.flatten(logits_NAC)
    known_X = x_X.detach()
    slope_X = torch.empty_like(known_X)
    none = no_object_loss(known_X, None, slope_X)
    out_Q = torch.squeeze(torch.nonzero(torch.logical_not(torch.flatten(counted_NA))), 1)
    out_X = torch.flatten(torch.index_select(torch.reshape(known_X, [-1, classes]), 0, out_Q))
    none = none - no_object_loss(out_X, None, torch.empty_like(out_X))
    torch.reshape(slope_X, [-1, classes]).index_fill_(0, out_Q, 0.0)
    own_P = place_P * classes + class_P
    x_P = torch.index_select(known_X, 0, own_P)
    none_P = torch.empty_like(x_P)
    object_P = torch.empty_like(x_P)
    none = none - no_object_loss(x_P, None, none_P)
    total = 0.75 * none + 0.25 * no_object_loss(-x_P, None, object_P)
    slope_X = slope_X.mul_(0.75).index_copy_(0, own_P, -0.25 * object_P)
    return with_slope(total, x_X, slope_X)
