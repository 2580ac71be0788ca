# training_step of decoder.py for any shape, one autograd graph a block instead of one for all, so that a block
# can forget its graph and make it again when its gradients are due. Compiled together with decoder.py, whose
# legend holds here too. A block is a decoder layer or, after those, an MTP module up to its last norm.
import torch
from torch import Tensor
from typing import List, Optional, Tuple


def _block(
    block: int, x_TD: Tensor, next_T: Tensor, weights: List[Tensor], at: int, bias_E: Tensor, rotations: Tensor,
    counted_T1: Tensor, documents_T: Tensor, documents: int, spans: List[int], dims: List[int],
    consts: List[float]
) -> Tuple[Tensor, Tensor, Tensor]:
    """Result, load of the experts, balance loss."""
    if block < dims[0]:
        return _layer(
            x_TD, weights, at, block >= dims[1], bias_E, rotations, counted_T1, documents_T, documents, spans, dims,
            consts)
    return _mtp_layer(
        x_TD, next_T, weights, at, bias_E, rotations, counted_T1, documents_T, documents, spans, dims, consts)


def _leaf(x: Tensor) -> Tensor:
    return x.detach().requires_grad_()


def _add_gradients(
    results: List[Tensor], input: Tensor, leaves: List[Tensor], places: List[int],
    dresults: List[Tensor], gradients: List[Tensor]
) -> Tensor:
    """Adds those of the weights at `places`; returns that of the input."""
    inputs: List[Tensor] = [input]
    for place in places:
        inputs.append(leaves[place])
    given: List[Optional[Tensor]] = []
    for d in dresults:
        given.append(d)
    found = torch.grad(results, inputs, given, None, False, True)
    for i in range(len(places)):
        g = found[1 + i]
        if g is not None:
            gradients[places[i]].add_(g)
    dinput = found[0]
    if dinput is None:
        return torch.zeros_like(input)
    return dinput


def recomputing_step(
    weights: List[Tensor],
    biases: List[Tensor],
    gradients: List[Tensor],  # added to
    ids: Tensor,  # int32 [T]
    starts: List[int],
    spans: List[int],
    mask: Tensor,  # uint8 [T]: 1 where the token may be a target
    normalisers: List[float],  # targets of the main head, of each MTP module, documents
    loss_weights: List[float],  # of the MTP loss, of the balance loss
    recompute_every: int,  # 0: no block is run again, k: every k-th is
    dims: List[int],
    consts: List[float],
) -> Tuple[Tensor, Tensor]:
    """Losses [3] (main, MTP, balance) and loads [M, E]; the same as training_step."""
    ids_T = ids.to(torch.int64)
    leaves: List[Tensor] = []
    for w in weights:
        leaves.append(_leaf(w))
    head = 2 - 2 * dims[13]
    x = torch.embedding(weights[0], ids_T)
    rotations = _rotations(_positions(spans, x), consts, x)
    documents_T = _documents(starts, x)
    documents = len(starts) - 1
    blocks = dims[0] + dims[12]
    dense = min(dims[0], dims[1])
    # What a block reads: of the k-th MTP module the tokens k ahead in the span and whether they count; and its own tensors.
    counted: List[Tensor] = []
    next_ids: List[Tensor] = []
    block_biases: List[Tensor] = []
    firsts: List[int] = []
    ends: List[int] = []
    at = 3 - dims[13]
    for block in range(blocks):
        if block < dims[0]:
            counted.append(torch.ones([torch.size(x, 0), 1], dtype=x.dtype, device=x.device))
            next_ids.append(ids_T)
        else:
            counted.append(_shifted(counted[block - 1], starts, 0))
            next_ids.append(_shifted(next_ids[block - 1], spans, 0))
        block_biases.append(biases[block - dense] if block >= dense else ids_T)
        firsts.append(at)
        if block >= dims[0]:
            at = at + 3
        at = at + _layer_size(dims, block >= dense)
        ends.append(at)
        if block >= dims[0]:
            at = at + 1
    # Forward: the input of every block; of a block that is run again nothing else.
    inputs: List[Tensor] = []
    outputs: List[List[Tensor]] = []
    loads: List[Tensor] = []
    total = torch.zeros([], dtype=x.dtype, device=x.device)
    last = x
    for block in range(blocks):
        if block == dims[0]:
            last = x
            x = _rms(x, weights[1], consts[0])
        again = recompute_every > 0 and block % recompute_every == 0
        graph: List[Tensor] = []
        if again:
            input = x
            y, load, balance = _block(
                block, input, next_ids[block], weights, firsts[block], block_biases[block], rotations, counted[block],
                documents_T, documents, spans, dims, consts)
        else:
            input = _leaf(x)
            y, load, balance = _block(
                block, input, next_ids[block], leaves, firsts[block], block_biases[block], rotations, counted[block],
                documents_T, documents, spans, dims, consts)
            graph.append(y)
            graph.append(balance)
        inputs.append(input)
        outputs.append(graph)
        if block >= dense:
            loads.append(load.detach())
            total = total + balance.detach() / float(normalisers[-1])
        x = y.detach()
    if dims[12] == 0:
        last = x
    inputs.append(x)
    targets: List[Tensor] = [_shifted(torch.masked_fill(ids_T, mask == 0, -100), starts, -100)]
    for k in range(dims[12]):
        targets.append(_shifted(targets[k], starts, -100))
    # Backward: dx is by the result of the block, of the last decoder layer by what the final norm makes of it.
    dx = torch.zeros_like(x)
    main = torch.zeros([], dtype=x.dtype, device=x.device)
    mtp = torch.zeros([], dtype=x.dtype, device=x.device)
    for i in range(blocks):
        block = blocks - 1 - i
        if block >= dims[0]:
            k = block - dims[0]
            weight = 1.0 / (normalisers[1 + k] * float(dims[12]))
            h = _leaf(inputs[block + 1])
            ahead = _rms(h, leaves[ends[block]], consts[0])
            loss = _loss_sum(ahead, leaves[head], targets[1 + k]) * weight
            mtp = mtp + loss.detach()
            dx = dx + _add_gradients(
                [loss * loss_weights[0]], h, leaves, [ends[block], head], [torch.ones_like(loss)], gradients)
        if block == dims[0] - 1:
            h = _leaf(last)
            normed = _rms(h, leaves[1], consts[0])
            loss = _loss_sum(normed, leaves[head], targets[0]) / normalisers[0]
            main = loss.detach()
            dx = _add_gradients(
                [loss, normed], h, leaves, [1, head], [torch.ones_like(loss), dx], gradients)
        input = inputs[block]
        graph = outputs[block]
        if len(graph) == 0:
            input = _leaf(input)
            y, _load, balance = _block(
                block, input, next_ids[block], leaves, firsts[block], block_biases[block], rotations, counted[block],
                documents_T, documents, spans, dims, consts)
            graph = [y, balance]
        places: List[int] = []
        if block >= dims[0]:
            places.append(0)
        for place in range(firsts[block], ends[block]):
            places.append(place)
        if block >= dense:
            dbalance = torch.full_like(graph[1], loss_weights[1] / normalisers[-1])
            dx = _add_gradients(graph, input, leaves, places, [dx, dbalance], gradients)
        else:
            dx = _add_gradients([graph[0]], input, leaves, places, [dx], gradients)
        outputs[block] = []
    gradients[0].add_(torch.embedding_dense_backward(dx, ids_T, torch.size(weights[0], 0), -1, False))
    all_loads = torch.zeros([0, 0])
    if len(loads) > 0:
        all_loads = torch.stack(loads)
    return torch.stack([main, mtp, total]), all_loads
