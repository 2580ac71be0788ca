# A classifier: a source of features, their standardisation, and a head, each from a file of its own, linked by the names of
# their functions.
#
# Shape suffixes: N examples, D numbers of a feature, C classes.
#
# `values` and `starts` are what the source takes, or, where `ready`, features [N, D]. Classes of examples are their numbers;
# -1: no label.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional


class Network(NamedTuple):
    source: Source
    statistics: Optional[Statistics]  # none: features are taken as they come
    head: Head
    learned: List[Tensor]  # all that gradients are taken of, in the order of ClassifierLayout


def features(network: Network, values: Tensor, starts: List[int]) -> Tensor:
    """[N, D], without gradients."""
    return source_features(values, starts, network.source, False)


def observe(network: Network, features_ND: Tensor, most: int) -> Tensor:
    """Takes features into the statistics, unless these are of `most` examples already; of how many they are."""
    statistics = network.statistics
    assert statistics is not None
    if float(statistics.count_1.item()) >= float(most):
        return statistics.count_1
    return merge(features_ND, statistics)


def _results(
    network: Network, values: Tensor, starts: List[int], ready: bool, learning: bool, seeds_N: Tensor
) -> Tensor:
    x_ND = values if ready else source_features(values, starts, network.source, learning)
    statistics = network.statistics
    if statistics is not None:
        x_ND = standardised(x_ND, statistics)
    return head(x_ND, network.head, seeds_N)


def logits(network: Network, values: Tensor, starts: List[int]) -> Tensor:
    """[N, C]"""
    return _results(network, values, starts, False, False, torch.zeros([0], dtype=torch.int64))


def learning_logits(network: Network, values: Tensor, starts: List[int], ready: bool, seeds_N: Tensor) -> Tensor:
    """The same while learning; what a call that records gives can be carried back."""
    return _results(network, values, starts, ready, True, seeds_N)


def carry_back(
    gradients: List[Tensor], network: Network, logits_NC: Tensor, by_logits_NC: Tensor, classes_N: Tensor
) -> Tensor:
    """Adds the gradients of all that led to logits, of which those by the logits are known; how many were right."""
    of_all = torch.grad([torch.sum(logits_NC * by_logits_NC)], network.learned, None, None, False, True)
    found: List[Tensor] = []
    for i in range(len(of_all)):
        gradient = of_all[i]
        # A part of an encoder that its pooling leaves out has none.
        found.append(torch.zeros_like(gradients[i]) if gradient is None else gradient)
    torch._foreach_add_(gradients, found)
    return torch.reshape(torch.sum(torch.eq(torch.argmax(logits_NC.detach(), 1), classes_N)), [1])


def overwrite(targets: List[Tensor], values: List[Tensor]) -> List[Tensor]:
    torch._foreach_copy_(targets, values)
    return targets
