# A classifier's logits, a loss of them and all gradients in one call; linked with the files of the loss. The last layer
# is differentiated by hand, which spares a head without hidden layers autograd.
#
# The legend of classifier.py holds here.
import torch
from torch import Tensor
from typing import List


def _add_last(gradient: Dense, x_NI: Tensor, by_logits_NC: Tensor) -> Tensor:
    bias_C = gradient.bias_O
    if bias_C is not None:
        bias_C.add_(torch.sum(by_logits_NC, [0]))
    return gradient.weight_OI.addmm_(torch.t(by_logits_NC), x_NI)


def learn(
    gradients: Network, network: Network, values: Tensor, starts: List[int], ready: bool, seeds_N: Tensor,
    classes_N: Tensor, weights_N: Tensor, setting: LossSetting, seed: Tensor
) -> Tensor:
    """Adds the gradients of a batch whose loss needs no other; its loss and how many were right, [2]."""
    x_NI = last_input(network, values, starts, ready, True, seeds_N)
    last = network.head.last
    bias_C = last.bias_O
    if bias_C is not None:
        bias_C = bias_C.detach()
    fixed = Dense(last.weight_OI.detach(), bias_C, None)
    logits_NC = last_logits(x_NI.detach(), fixed)
    loss_1, by_logits_NC = loss_slope(logits_NC, classes_N, weights_N, setting, seed)
    _add_last(gradients.head.last, x_NI.detach(), by_logits_NC)
    if x_NI.requires_grad:
        add_gradients(gradients.learned, network, x_NI, torch.mm(by_logits_NC, fixed.weight_OI))
    return told(loss_1, logits_NC, classes_N)
