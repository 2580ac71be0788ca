# Forward and backward of a training step written out by hand: what decoder.py's training_step gets from
# autograd, in fewer and larger operations. Compiled together with the products of a precision and with decoder.py;
# the legend of weights.py holds here too. A recomputed layer saves its input alone and is run again.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional, Tuple


class SavedLayer(NamedTuple):
    attention: SavedAttention
    mlp: Optional[SavedMlp]
    experts: Optional[SavedExperts]


class KeptLayer(NamedTuple):
    """What a layer keeps until its backward pass: all of it, or its input alone."""

    saved: Optional[SavedLayer]
    input_TD: Optional[Tensor]


class SavedModule(NamedTuple):
    """Of an MTP module around its layer."""

    embedding: SavedNorm
    hidden: SavedNorm
    pair_T2D: Tensor
    norm: SavedNorm


class FusedForward(NamedTuple):
    final: SavedNorm
    layers: List[KeptLayer]
    modules: List[SavedModule]
    module_layers: List[KeptLayer]
    balances: List[Balance]  # of all layers with experts


def _layer_forward(x_TD: Tensor, layer: Layer, sight: Sight, shape: Shape) -> Tuple[Tensor, SavedLayer]:
    y_TD, attention = _attention_forward(x_TD, layer.attention, sight, shape)
    saved_mlp: Optional[SavedMlp] = None
    saved_experts: Optional[SavedExperts] = None
    mlp = layer.mlp
    if mlp is not None:
        y_TD, saved_mlp = _mlp_forward(y_TD, mlp, shape)
    experts = layer.experts
    if experts is not None:
        y_TD, saved_experts = _experts_forward(y_TD, experts, shape)
    return y_TD, SavedLayer(attention, saved_mlp, saved_experts)


def _run_layer(
    x_TD: Tensor, layer: Layer, again: bool, counted_T1: Tensor, batch: Batch, balances: List[Balance],
    shape: Shape
) -> Tuple[Tensor, KeptLayer]:
    """Adds the balance of a layer with experts to the list."""
    y_TD, saved = _layer_forward(x_TD, layer, batch.sight, shape)
    experts = saved.experts
    if experts is not None:
        balances.append(_balance(experts.choice, counted_T1, batch.documents, shape))
    kept = KeptLayer(None, x_TD) if again else KeptLayer(saved, None)
    return y_TD, kept


def _saved(kept: KeptLayer, layer: Layer, sight: Sight, shape: Shape) -> SavedLayer:
    saved = kept.saved
    input_TD = kept.input_TD
    if input_TD is not None:
        _y, saved = _layer_forward(input_TD, layer, sight, shape)
    assert saved is not None
    return saved


def _layer_backward(
    dx_TD: Tensor, layer: Layer, gradients: Layer, kept: KeptLayer, counted_T1: Tensor, batch: Batch,
    balance_weight: float, shape: Shape
) -> Tensor:
    saved = _saved(kept, layer, batch.sight, shape)
    mlp, mlp_gradients, saved_mlp = layer.mlp, gradients.mlp, saved.mlp
    if mlp is not None and mlp_gradients is not None and saved_mlp is not None:
        dx_TD = _mlp_backward(dx_TD, mlp, mlp_gradients, saved_mlp)
    experts, expert_gradients, saved_experts = layer.experts, gradients.experts, saved.experts
    if experts is not None and expert_gradients is not None and saved_experts is not None:
        dx_TD = _experts_backward(
            dx_TD, experts, expert_gradients, saved_experts, counted_T1, batch.documents, balance_weight, shape)
    return _attention_backward(
        dx_TD, layer.attention, gradients.attention, saved.attention, batch.sight, shape)


def _again(layer: int, recompute_every: int) -> bool:
    return recompute_every > 0 and layer % recompute_every == 0


def _forward_all(weights: Weights, batch: Batch, recompute_every: int, shape: Shape) -> FusedForward:
    """Layers and final norm, then the MTP modules."""
    balances: List[Balance] = []
    layers: List[KeptLayer] = []
    x = torch.embedding(weights.embedding_VD, batch.ids[0])
    for i, layer in enumerate(weights.layers):
        x, kept = _run_layer(
            x, layer, _again(i, recompute_every), batch.counted[0], batch, balances, shape)
        layers.append(kept)
    final = _norm_forward(x, weights.norm_D, shape.eps)
    modules: List[SavedModule] = []
    module_layers: List[KeptLayer] = []
    h = final.result_TD
    for k in range(len(weights.modules)):
        again = _again(len(layers) + k, recompute_every)
        h, saved, kept = _mtp_forward(h, k, weights, again, batch, balances, shape)
        modules.append(saved)
        module_layers.append(kept)
    return FusedForward(final, layers, modules, module_layers, balances)


def _mtp_forward(
    h_TD: Tensor, k: int, weights: Weights, again: bool, batch: Batch, balances: List[Balance], shape: Shape
) -> Tuple[Tensor, SavedModule, KeptLayer]:
    """What the k-th module passes on, and what it saves."""
    module = weights.modules[k]
    embedded = torch.embedding(weights.embedding_VD, batch.ids[k + 1])
    embedding = _norm_forward(embedded, module.embedding_norm_D, shape.eps)
    hidden = _norm_forward(h_TD, module.hidden_norm_D, shape.eps)
    pair = torch.cat([embedding.result_TD, hidden.result_TD], -1)
    y_TD, kept = _run_layer(
        _linear(pair, module.projection), module.layer, again, batch.counted[k + 1], batch, balances, shape)
    norm = _norm_forward(y_TD, module.norm_D, shape.eps)
    return y_TD, SavedModule(embedding, hidden, pair, norm), kept


def _embedding_backward(dx_TD: Tensor, ids_T: Tensor, gradient_VD: Tensor) -> Tensor:
    return gradient_VD.add_(
        torch.embedding_dense_backward(dx_TD, ids_T, torch.size(gradient_VD, 0), -1, False))


def _mtp_backward(
    later: Optional[Tensor], k: int, weights: Weights, gradients: Weights, forward: FusedForward, batch: Batch,
    objective: Objective, shape: Shape
) -> Tuple[Tensor, Tensor]:
    """The k-th module's part of the MTP loss, and what it passes back to the one before it, as the one after it
    passed back `later`."""
    module, own, saved = weights.modules[k], gradients.modules[k], forward.modules[k]
    targets = objective.module_targets[k] * float(len(weights.modules))
    loss, da = _head_step(
        saved.norm.result_TD, weights.head_VD, gradients.head_VD, batch.targets[k + 1],
        objective.mtp_weight / targets)
    dx = _norm_backward(da, module.norm_D, own.norm_D, saved.norm)
    if later is not None:
        dx.add_(later)
    dx = _layer_backward(
        dx, module.layer, own.layer, forward.module_layers[k], batch.counted[k + 1], batch,
        objective.balance_weight / objective.documents, shape)
    d_pair = _linear_backward(dx, saved.pair_T2D, module.projection, own.projection)
    de, dh = torch.chunk(d_pair, 2, -1)
    de = _norm_backward(
        torch.contiguous(de), module.embedding_norm_D, own.embedding_norm_D, saved.embedding)
    _embedding_backward(de, batch.ids[k + 1], gradients.embedding_VD)
    dh = _norm_backward(torch.contiguous(dh), module.hidden_norm_D, own.hidden_norm_D, saved.hidden)
    return loss / targets, dh


def _backward_all(
    weights: Weights, gradients: Weights, forward: FusedForward, batch: Batch, objective: Objective, shape: Shape
) -> Tuple[Tensor, Tensor]:
    """Main and MTP loss; adds the gradients of all weights. From the last module to the first, then down the
    layers."""
    main, dh = _head_step(
        forward.final.result_TD, weights.head_VD, gradients.head_VD, batch.targets[0], 1.0 / objective.targets)
    mtp = torch.zeros_like(main)
    later: Optional[Tensor] = None
    modules = len(weights.modules)
    for i in range(modules):
        loss, later = _mtp_backward(
            later, modules - 1 - i, weights, gradients, forward, batch, objective, shape)
        mtp = mtp + loss
    if later is not None:
        dh.add_(later)
    dx = _norm_backward(dh, weights.norm_D, gradients.norm_D, forward.final)
    layers = len(weights.layers)
    for i in range(layers):
        at = layers - 1 - i
        dx = _layer_backward(
            dx, weights.layers[at], gradients.layers[at], forward.layers[at], batch.counted[0], batch,
            objective.balance_weight / objective.documents, shape)
    _embedding_backward(dx, batch.ids[0], gradients.embedding_VD)
    return main / objective.targets, mtp


def fused_step(
    weights: Weights,
    gradients: Weights,  # added to
    ids: Tensor,  # int32 [T]
    starts: List[int],
    spans: List[int],
    mask: Tensor,  # uint8 [T]: 1 where the token may be a target
    normalisers: List[float],  # targets of the main head, of each MTP module, documents
    loss_weights: List[float],  # of the MTP loss, of the balance loss
    recompute_every: int,  # 0: no layer is run again, k: every k-th is
    shape: Shape,
) -> Tuple[Tensor, Tensor]:
    """Losses [3] (main, MTP, balance) and loads [M, E]; the same as training_step."""
    objective = _objective(normalisers, loss_weights)
    batch = _batch(ids, starts, spans, mask, len(weights.modules), shape, gradients.norm_D)
    forward = _forward_all(weights, batch, recompute_every, shape)
    main, mtp = _backward_all(weights, gradients, forward, batch, objective, shape)
    balance = torch.zeros_like(main)
    for own in forward.balances:
        balance = balance + own.loss
    return torch.stack([main, mtp, balance / objective.documents]), _loads(forward.balances)
