# The layers of a decoder, which other networks have as a part too. The legend of weights.py holds here.
import torch
from torch import Tensor
from typing import List, Optional


def _layer(
    x_TD: Tensor, layer: Layer, sight: Sight, caches: Optional[List[Cache]], decoding: bool, choices: List[Choice],
    shape: Shape
) -> Tensor:
    """A decoder block; adds the choice of a layer with experts to the list."""
    x = x_TD + _attention(x_TD, layer.attention, sight, caches, decoding, shape)
    return x + _feed_forward(x, layer, decoding, choices, shape)


def _body(
    x_TD: Tensor, layers: List[Layer], norm_D: Tensor, sight: Sight, choices: List[Choice], shape: Shape
) -> Tensor:
    """All layers and the final norm."""
    for layer in layers:
        x_TD = _layer(x_TD, layer, sight, None, False, choices, shape)
    return _rms(x_TD, norm_D, shape.eps)


def body_states(x_TD: Tensor, starts: List[int], body: Body, shape: Shape) -> Tensor:
    """States [T, D] behind the last norm; documents do not see each other, and no token those after it."""
    choices: List[Choice] = []
    return _body(x_TD, body.layers, body.norm_D, _sight(starts, shape, x_TD), choices, shape)
