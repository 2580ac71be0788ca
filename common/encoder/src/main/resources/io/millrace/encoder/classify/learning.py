# A classifier's logits, a loss of them and all gradients in one call; linked with the files of the loss. Products are
# differentiated by hand, which spares autograd and the tensors that it would add to the gradients; activations and what
# is before the head are not.
#
# The legend of classifier.py holds here; I and O are numbers in and out of a layer.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional, Tuple


class Passed(NamedTuple):
    """A hidden layer on its way forward."""

    x_NI: Tensor
    z_NO: Tensor  # its product, by which the next can be differentiated
    y_NO: Tensor


class Examples(NamedTuple):
    """What the loss is of."""

    seeds_N: Tensor
    classes_N: Tensor
    weights_N: Tensor
    seed: Tensor


def scaling(network: Network) -> Scaling:
    """That of the features of a network whose source does not learn."""
    statistics = network.statistics
    assert statistics is not None
    return scaling_of(statistics)


def _fixed(layer: Dense) -> Dense:
    bias_O = layer.bias_O
    if bias_O is not None:
        bias_O = bias_O.detach()
    return Dense(layer.weight_OI.detach(), bias_O, None)


def _put(gradient: Tensor, value: Tensor, first: bool) -> Tensor:
    return gradient.copy_(value) if first else gradient.add_(value)


def _put_dense(gradient: Dense, by_NO: Tensor, x_NI: Tensor, first: bool) -> Tensor:
    bias_O = gradient.bias_O
    if bias_O is not None:
        _put(bias_O, torch.sum(by_NO, [0]), first)
    return gradient.weight_OI.addmm_(torch.t(by_NO), x_NI, beta=0.0 if first else 1.0, alpha=1.0)


def _passed(x_NI: Tensor, head: Head, layer: int, seeds_N: Tensor) -> Passed:
    dense = _fixed(head.hidden[layer])
    z_NO = torch.requires_grad_(torch.linear(x_NI, dense.weight_OI, dense.bias_O))
    return Passed(x_NI, z_NO, activated(z_NO, head, layer, seeds_N))


def _put_hidden(gradient: Dense, layer: Dense, passed: Passed, by_NO: Tensor, first: bool) -> Tensor:
    """Puts a hidden layer's gradients; that by its product, [N, O]."""
    sources = [passed.z_NO]
    slope = layer.slope
    if slope is not None:
        sources.append(slope)
    known: List[Optional[Tensor]] = [by_NO]
    found = torch.grad([passed.y_NO], sources, known)
    by_z_NO = torch.zeros_like(passed.z_NO)
    for i in range(len(found)):
        one = found[i]
        to_slope = gradient.slope
        if i == 0 and one is not None:
            by_z_NO = one
        elif one is not None and to_slope is not None:
            _put(to_slope, one, first)
    _put_dense(gradient, by_z_NO, passed.x_NI, first)
    return by_z_NO


def _learn_head(
    gradients: Head, head: Head, x_NI: Tensor, examples: Examples, setting: LossSetting, first: bool
) -> Tuple[Tensor, Tensor]:
    """What is told of the loss, and its gradient by the product of the first layer."""
    passed: List[Passed] = []
    x = x_NI
    for i in range(len(head.hidden)):
        passed.append(_passed(x, head, i, examples.seeds_N))
        x = passed[-1].y_NO.detach()
    logits_NC = last_logits(x, _fixed(head.last))
    loss_1, by = loss_slope(logits_NC, examples.classes_N, examples.weights_N, setting, examples.seed)
    _put_dense(gradients.last, by, x, first)
    weight_OI = head.last.weight_OI.detach()
    for i in range(len(passed) - 1, -1, -1):
        by = _put_hidden(gradients.hidden[i], head.hidden[i], passed[i], torch.mm(by, weight_OI), first)
        weight_OI = head.hidden[i].weight_OI.detach()
    return told(loss_1, logits_NC, examples.classes_N), by


def learn(
    gradients: Network, network: Network, scaling: Scaling, first: bool, features_ND: Tensor, seeds_N: Tensor,
    classes_N: Tensor, weights_N: Tensor, setting: LossSetting, seed: Tensor
) -> Tensor:
    """Adds the gradients of a batch of features whose loss needs no other or, where it is the first, puts them in the
    place of whatever is there; its loss and how many were right, [2]."""
    examples = Examples(seeds_N, classes_N, weights_N, seed)
    x_ND = scaled(features_ND, scaling)
    seen, _by_NO = _learn_head(gradients.head, network.head, x_ND, examples, setting, first)
    return seen


def learn_all(
    gradients: Network, network: Network, values: Tensor, starts: List[int], seeds_N: Tensor, classes_N: Tensor,
    weights_N: Tensor, setting: LossSetting, seed: Tensor
) -> Tensor:
    """Adds the gradients of a batch whose features are learned too."""
    examples = Examples(seeds_N, classes_N, weights_N, seed)
    x_ND = source_features(values, starts, network.source, True)
    seen, by_NO = _learn_head(gradients.head, network.head, x_ND.detach(), examples, setting, False)
    first = network.head.last
    if len(network.head.hidden) > 0:
        first = network.head.hidden[0]
    add_gradients(gradients.learned, network, x_ND, torch.mm(by_NO, first.weight_OI.detach()))
    return seen
