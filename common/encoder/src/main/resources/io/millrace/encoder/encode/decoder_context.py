# The layers of a decoder as context: a place sees those before it in its sequence.
import torch
from torch import Tensor
from typing import NamedTuple


class Context(NamedTuple):
    body: Body
    shape: Shape


def contexts(places: Places, context: Context, run: Run) -> Tensor:
    return body_states(places.z_MD, places.starts, context.body, context.shape)
