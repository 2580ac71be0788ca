# training_step of decoder.py for any shape and number format, one autograd graph a block instead of one for all, so that a block
# can forget its graph and make it again when its gradients are due. Compiled together with decoder.py; the legend of
# weights.py holds here too. A block is a decoder layer or, after those, an MTP module up to its last norm.
import torch
from torch import Tensor
from typing import List, NamedTuple, Optional, Tuple


class Block(NamedTuple):
    layer: Layer
    module: Optional[MtpModule]
    place: int  # in the lists of a batch: 0 for a layer, k for the k-th MTP module
    learned: List[Tensor]


class Ran(NamedTuple):
    """A block's graph."""

    input_TD: Tensor
    result_TD: Tensor
    balance: Optional[Balance]  # with experts


class BlockForward(NamedTuple):
    """Of all blocks in order; None is kept of those that are run again."""

    inputs: List[Tensor]
    results: List[Tensor]
    kept: List[Optional[Ran]]
    balances: List[Balance]  # of those with experts


def _all_blocks(weights: Weights) -> List[Block]:
    blocks: List[Block] = []
    for layer in weights.layers:
        blocks.append(Block(layer, None, 0, layer.learned))
    for k, module in enumerate(weights.modules):
        # It reads the embedding too.
        blocks.append(Block(module.layer, module, k + 1, [weights.embedding_VD] + module.learned))
    return blocks


def _leaf(x: Tensor) -> Tensor:
    return x.detach().requires_grad_()


def _run(x_TD: Tensor, block: Block, embedding_VD: Tensor, batch: Batch, shape: Shape) -> Ran:
    x = x_TD
    module = block.module
    if module is not None:
        x = _joined(x_TD, batch.ids[block.place], module, embedding_VD, shape)
    choices: List[Choice] = []
    y = _layer(x, block.layer, batch.sight, None, False, choices, shape)
    balance: Optional[Balance] = None
    if len(choices) > 0:
        balance = _balance(choices[0], batch.counted[block.place], batch.documents, shape)
    return Ran(x_TD, y, balance)


def _forward_blocks(
    x_TD: Tensor, weights: Weights, learned: Weights, batch: Batch, recompute_every: int, shape: Shape
) -> BlockForward:
    """Keeps the input of every block; of a block that is run again nothing else."""
    inputs: List[Tensor] = []
    results: List[Tensor] = []
    all_kept: List[Optional[Ran]] = []
    balances: List[Balance] = []
    leaves = _all_blocks(learned)
    for i, block in enumerate(_all_blocks(weights)):
        if i == len(weights.layers):
            x_TD = _rms(x_TD, weights.norm_D, shape.eps)
        again = recompute_every > 0 and i % recompute_every == 0
        kept: Optional[Ran] = None
        if again:
            ran = _run(x_TD, block, weights.embedding_VD, batch, shape)
        else:
            ran = _run(_leaf(x_TD), leaves[i], learned.embedding_VD, batch, shape)
            kept = ran
        balance = ran.balance
        if balance is not None:
            balances.append(Balance(balance.load_E.detach(), balance.loss.detach()))
        inputs.append(ran.input_TD)
        all_kept.append(kept)
        x_TD = ran.result_TD.detach()
        results.append(x_TD)
    return BlockForward(inputs, results, all_kept, balances)


def _add_gradients(
    results: List[Tensor], dresults: List[Tensor], input: Tensor, learned: List[Tensor], gradients: List[Tensor]
) -> Tensor:
    """Adds those of the learned weights; returns that of the input."""
    given: List[Optional[Tensor]] = []
    for d in dresults:
        given.append(d)
    found = torch.grad(results, [input] + learned, given, None, False, True)
    for i in range(len(learned)):
        g = found[1 + i]
        if g is not None:
            gradients[i].add_(g)
    dinput = found[0]
    return torch.zeros_like(input) if dinput is None else dinput


def _module_head_backward(
    dx_TD: Tensor, result_TD: Tensor, k: int, learned: Weights, gradients: Weights, batch: Batch,
    objective: Objective, shape: Shape
) -> Tuple[Tensor, Tensor]:
    """Share of the MTP loss, and dx with what the head adds to it."""
    module = learned.modules[k]
    h = _leaf(result_TD)
    ahead = _rms(h, module.norm_D, shape.eps)
    weight = 1.0 / (objective.module_targets[k] * float(len(learned.modules)))
    loss = _loss_sum(ahead, learned.head_VD, batch.targets[k + 1]) * weight
    own = _add_gradients(
        [loss * objective.mtp_weight], [torch.ones_like(loss)], h, [module.norm_D, learned.head_VD],
        [gradients.modules[k].norm_D, gradients.head_VD])
    return loss.detach(), dx_TD + own


def _main_head_backward(
    dx_TD: Tensor, result_TD: Tensor, learned: Weights, gradients: Weights, batch: Batch, objective: Objective,
    shape: Shape
) -> Tuple[Tensor, Tensor]:
    """Main loss, and the gradient by the last layer's result; dx is by what the final norm makes of that."""
    h = _leaf(result_TD)
    normed = _rms(h, learned.norm_D, shape.eps)
    loss = _loss_sum(normed, learned.head_VD, batch.targets[0]) / objective.targets
    dx = _add_gradients(
        [loss, normed], [torch.ones_like(loss), dx_TD], h, [learned.norm_D, learned.head_VD],
        [gradients.norm_D, gradients.head_VD])
    return loss.detach(), dx


def _run_backward(
    dx_TD: Tensor, kept: Optional[Ran], input_TD: Tensor, block: Block, gradients: List[Tensor],
    embedding_VD: Tensor, batch: Batch, objective: Objective, shape: Shape
) -> Tensor:
    """Of the block's input."""
    if kept is None:
        ran = _run(_leaf(input_TD), block, embedding_VD, batch, shape)
    else:
        ran = kept
    results = [ran.result_TD]
    dresults = [dx_TD]
    balance = ran.balance
    if balance is not None:
        results.append(balance.loss)
        dresults.append(torch.full_like(balance.loss, objective.balance_weight / objective.documents))
    return _add_gradients(results, dresults, ran.input_TD, block.learned, gradients)


def _backward_blocks(
    forward: BlockForward, learned: Weights, gradients: Weights, batch: Batch, objective: Objective, shape: Shape
) -> Tuple[Tensor, Tensor]:
    """Main and MTP loss; adds the gradients of all weights."""
    layers = len(learned.layers)
    blocks = _all_blocks(learned)
    block_gradients = _all_blocks(gradients)
    dx = torch.zeros_like(forward.results[0])
    main = torch.zeros([], dtype=gradients.norm_D.dtype, device=dx.device)
    mtp = torch.zeros_like(main)
    for i in range(len(blocks)):
        at = len(blocks) - 1 - i
        result = forward.results[at]
        if at >= layers:
            loss, dx = _module_head_backward(
                dx, result, at - layers, learned, gradients, batch, objective, shape)
            mtp = mtp + loss
        if at == layers - 1:
            main, dx = _main_head_backward(dx, result, learned, gradients, batch, objective, shape)
        dx = _run_backward(
            dx, forward.kept.pop(), forward.inputs[at], blocks[at], block_gradients[at].learned,
            learned.embedding_VD, batch, objective, shape)
    gradients.embedding_VD.add_(torch.embedding_dense_backward(
        dx, batch.ids[0], torch.size(learned.embedding_VD, 0), -1, False))
    return main, mtp


def recomputing_step(
    weights: Weights,
    learned: Weights,  # the same, that gradients can be taken by
    gradients: Weights,  # added to
    ids: Tensor,  # int32 [T]
    starts: List[int],
    spans: List[int],
    mask: Tensor,  # uint8 [T]: 1 where the token may be a target
    normalisers: List[float],  # targets of the main head, of each MTP module, documents
    loss_weights: List[float],  # of the MTP loss, of the balance loss
    recompute_every: int,  # 0: no block is run again, k: every k-th is
    shape: Shape,
) -> Tuple[Tensor, Tensor]:
    """Losses [3] (main, MTP, balance) and loads [M, E]; the same as training_step."""
    objective = _objective(normalisers, loss_weights)
    batch = _batch(ids, starts, spans, mask, len(weights.modules), shape, gradients.norm_D)
    x = torch.embedding(weights.embedding_VD, batch.ids[0])
    forward = _forward_blocks(x, weights, learned, batch, recompute_every, shape)
    main, mtp = _backward_blocks(forward, learned, gradients, batch, objective, shape)
    balance = torch.zeros_like(main)
    for own in forward.balances:
        balance = balance + own.loss / objective.documents
    return torch.stack([main, mtp, balance]), _loads(forward.balances)
