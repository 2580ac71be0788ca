# A DeepSeek-V3 style decoder (arXiv 2412.19437): multi-token prediction, evaluation, and the training step by autograd
# that the others are tested against. The legend of weights.py holds here.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional, Tuple


class Hidden(NamedTuple):
    """What the heads read, after their norms."""

    final_TD: Tensor
    ahead: List[Tensor]  # [T, D] of every MTP module
    balances: List[Balance]  # of every layer with experts, if documents are balanced


class Losses(NamedTuple):
    main: Tensor
    mtp: Tensor  # mean of all modules
    balance: Tensor
    loads_ME: Tensor  # of all M layers with experts


def _joined(h_TD: Tensor, ids_T: Tensor, module: MtpModule, embedding_VD: Tensor, shape: Shape) -> Tensor:
    """What the layer of an MTP module reads: what came before it, joined with the tokens ahead."""
    embedded = _rms(torch.embedding(embedding_VD, ids_T), module.embedding_norm_D, shape.eps)
    pair = torch.cat([embedded, _rms(h_TD, module.hidden_norm_D, shape.eps)], -1)
    return torch.linear(pair, module.projection)


def _embedded(weights: Weights, ids_T: Tensor, sight: Sight, choices: List[Choice], shape: Shape) -> Tensor:
    """States of tokens, [T, D]."""
    x_TD = torch.embedding(weights.embedding_VD, ids_T)
    return _body(x_TD, weights.layers, weights.norm_D, sight, choices, shape)


def _hidden(weights: Weights, batch: Batch, balanced: bool, shape: Shape) -> Hidden:
    choices: List[Choice] = []
    final = _embedded(weights, batch.ids[0], batch.sight, choices, shape)
    balances: List[Balance] = []
    if balanced:
        for choice in choices:
            balances.append(_balance(choice, batch.counted[0], batch.documents, shape))
    ahead: List[Tensor] = []
    h = final
    for k, module in enumerate(weights.modules):
        own: List[Choice] = []
        x = _joined(h, batch.ids[k + 1], module, weights.embedding_VD, shape)
        h = _layer(x, module.layer, batch.sight, None, False, own, shape)
        ahead.append(_rms(h, module.norm_D, shape.eps))
        if balanced:
            balances.append(_balance(own[0], batch.counted[k + 1], batch.documents, shape))
    return Hidden(final, ahead, balances)


def _loads(balances: List[Balance]) -> Tensor:
    """[M, E], of all layers with experts."""
    loads: List[Tensor] = []
    for balance in balances:
        loads.append(balance.load_E)
    return torch.stack(loads) if len(loads) > 0 else torch.zeros([0, 0])


def _losses(weights: Weights, batch: Batch, objective: Objective, shape: Shape) -> Losses:
    hidden = _hidden(weights, batch, True, shape)
    main = _loss_sum(hidden.final_TD, weights.head_VD, batch.targets[0]) / objective.targets
    mtp = torch.zeros_like(main)
    for k, h in enumerate(hidden.ahead):
        mtp = mtp + _loss_sum(h, weights.head_VD, batch.targets[k + 1]) / objective.module_targets[k]
    if len(hidden.ahead) > 0:
        mtp = mtp / float(len(hidden.ahead))
    balance = torch.zeros_like(main)
    for own in hidden.balances:
        balance = balance + own.loss / objective.documents
    return Losses(main, mtp, balance, _loads(hidden.balances))


def _total(losses: Losses, objective: Objective) -> Tensor:
    return losses.main + objective.mtp_weight * losses.mtp + objective.balance_weight * losses.balance


def training_loss(
    weights: Weights, ids: Tensor, starts: List[int], spans: List[int], mask: Tensor, normalisers: List[float],
    loss_weights: List[float], shape: Shape
) -> Tensor:
    """What training_step takes the gradients of."""
    objective = _objective(normalisers, loss_weights)
    batch = _batch(ids, starts, spans, mask, len(weights.modules), shape, weights.norm_D)
    return _total(_losses(weights, batch, objective, shape), objective)


def training_step(
    weights: Weights,  # that gradients can be taken by
    ids: Tensor,  # int32 [T]
    starts: List[int],
    spans: List[int],
    mask: Tensor,  # uint8 [T]: 1 where the token may be a target
    normalisers: List[float],  # targets of the main head, of each MTP module, documents
    loss_weights: List[float],  # of the MTP loss, of the balance loss
    shape: Shape,
) -> Tuple[Tensor, Tensor, List[Tensor]]:
    """Losses [3] (main, MTP, balance), loads [M, E] and the gradient of every learned weight."""
    objective = _objective(normalisers, loss_weights)
    batch = _batch(ids, starts, spans, mask, len(weights.modules), shape, weights.norm_D)
    losses = _losses(weights, batch, objective, shape)
    gradients: List[Tensor] = []
    found = torch.grad([_total(losses, objective)], weights.learned, None, None, False, True)
    for i in range(len(found)):
        g = found[i]
        gradients.append(torch.zeros_like(weights.learned[i]) if g is None else g)
    parts = [losses.main.detach(), losses.mtp.detach(), losses.balance.detach()]
    return torch.stack(parts), losses.loads_ME, gradients


def evaluate(
    weights: Weights, ids: Tensor, starts: List[int], spans: List[int], mask: Tensor, shape: Shape
) -> Tensor:
    """Sum of -log p over the targets, float64."""
    batch = _batch(ids, starts, spans, mask, 0, shape, weights.norm_D)
    choices: List[Choice] = []
    final = _embedded(weights, batch.ids[0], batch.sight, choices, shape)
    return _loss_sum_by_pieces(final, weights.head_VD, batch.targets[0])


def logits(weights: Weights, ids: Tensor, starts: List[int], shape: Shape) -> Tuple[Tensor, List[Tensor]]:
    """Logits [T, V] of the main head and of every MTP module."""
    batch = _batch(ids, starts, starts, None, len(weights.modules), shape, weights.norm_D)
    hidden = _hidden(weights, batch, False, shape)
    further: List[Tensor] = []
    for h in hidden.ahead:
        further.append(torch.linear(h, weights.head_VD))
    return torch.linear(hidden.final_TD, weights.head_VD), further


def accepted_drafts(
    weights: Weights, ids: Tensor, starts: List[int], spans: List[int], mask: Tensor, shape: Shape
) -> Tensor:
    """How many of each MTP module's greedy tokens the main head gives too, int64 [modules].

    Module k drafts the token k + 1 places ahead; the main head says it k places later. Only drafts of targets count.
    """
    batch = _batch(ids, starts, spans, mask, len(weights.modules), shape, weights.norm_D)
    hidden = _hidden(weights, batch, False, shape)
    said = _likeliest(hidden.final_TD, weights.head_VD)
    accepted = torch.zeros([len(hidden.ahead)], dtype=torch.int64, device=ids.device)
    for k, h in enumerate(hidden.ahead):
        said = _shifted(said, starts, -1)
        drafted = _likeliest(h, weights.head_VD)
        accepted[k] = torch.sum((drafted == said) & (batch.targets[k + 1] >= 0))
    return accepted


def update_biases(biases: List[Tensor], loads: Tensor, speed: float) -> List[Tensor]:
    """Moves every bias by `speed` towards an even load (section 2.1.2, auxiliary-loss-free)."""
    for i in range(len(biases)):
        load = loads[i].to(biases[i].dtype)
        biases[i].add_(torch.sign(torch.mean(load) - load), alpha=speed)
    return biases
