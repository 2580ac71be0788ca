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


def last_input(
    network: Network, values: Tensor, starts: List[int], ready: bool, learning: bool, seeds_N: Tensor
) -> Tensor:
    """What the last layer of the head reads, [N, I]."""
    x_ND = values if ready else source_features(values, starts, network.source, learning)
    statistics = network.statistics
    if statistics is not None:
        x_ND = scaled(x_ND, scaling_of(statistics))
    return hidden(x_ND, network.head, seeds_N)


def class_logits(network: Network, values: Tensor, starts: List[int]) -> Tensor:
    """[N, C]"""
    x_NI = last_input(network, values, starts, False, False, torch.zeros([0], dtype=torch.int64))
    return torch.contiguous(last_logits(x_NI, network.head.last))


def learning_logits(network: Network, values: Tensor, starts: List[int], ready: bool, seeds_N: Tensor) -> Tensor:
    """The same while learning; what a call that records gives can be carried back."""
    x_NI = last_input(network, values, starts, ready, True, seeds_N)
    return torch.contiguous(last_logits(x_NI, network.head.last))


def add_gradients(gradients: List[Tensor], network: Network, output: Tensor, by_output: Tensor) -> int:
    """Adds the gradients of all that led to an output, of which those by the output are known."""
    known: List[Optional[Tensor]] = [by_output]
    of_all = torch.grad([output], network.learned, known, None, False, True)
    for i in range(len(of_all)):
        gradient = of_all[i]
        if gradient is not None:  # A part of an encoder that its pooling leaves out has none.
            gradients[i].add_(gradient)
    return len(of_all)


def told(loss_1: Tensor, logits_NC: Tensor, classes_N: Tensor) -> Tensor:
    """The loss and how many rows were decided rightly, float64 [2]."""
    # Across lines of memory, argmax takes five times as long as with this copy.
    best_N = torch.argmax(torch.contiguous(logits_NC.detach()), 1)
    right = torch.sum(torch.eq(best_N, classes_N), [0], True)
    return torch.cat([loss_1.to(torch.float64), right.to(torch.float64)])


def carry_back(
    gradients: List[Tensor], network: Network, logits_NC: Tensor, loss_1: Tensor, by_logits_NC: Tensor,
    classes_N: Tensor
) -> Tensor:
    """Adds the gradients of a batch whose loss is one of others too."""
    add_gradients(gradients, network, logits_NC, by_logits_NC)
    return told(loss_1, logits_NC, classes_N)


def overwrite(targets: List[Tensor], values: List[Tensor]) -> List[Tensor]:
    torch._foreach_copy_(targets, values)
    return targets
