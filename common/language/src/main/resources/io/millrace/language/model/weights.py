# What DecoderLayout fills: the weights of a DeepSeek-V3 style decoder (arXiv 2412.19437) and the numbers of its
# shape. Gradients have the form of the weights they are added for.
#
# Shape suffixes of all kernels of the decoder: T tokens, D hidden, H heads, V vocabulary, E experts, K experts of a
# token, S documents, N qk_nope_head_dim, R qk_rope_head_dim, U v_head_dim, C kv_lora_rank, Q q_lora_rank, F width of
# a feed-forward layer, P rows sorted by expert, or tokens in a cache.
from torch import Tensor
from typing import List, NamedTuple, Optional


class Shape(NamedTuple):
    heads: int
    nope_width: int
    rope_width: int
    value_width: int
    latent_width: int
    experts: int
    chosen_experts: int
    groups: int
    kept_groups: int
    gates_normalised: bool
    gate_scale: float
    eps: float  # of RMSNorm
    attention_scale: float
    rotary_modulus: float  # 1 without YaRN
    rotary_frequencies: List[float]  # of R / 2 pairs


class QueryCompression(NamedTuple):
    down_QD: Tensor
    bias_Q: Optional[Tensor]
    norm_Q: Tensor


class Attention(NamedTuple):
    """Multi-head latent attention (section 2.1.1)."""

    norm_D: Tensor
    compression: Optional[QueryCompression]
    query: Tensor  # [H (N + R), Q], without compression [H (N + R), D]
    latent_and_key: Tensor  # [C + R, D]: the latent, and the rotary part of the key that all heads share
    latent_and_key_bias: Optional[Tensor]
    latent_norm_C: Tensor
    key_and_value: Tensor  # [H (N + U), C]
    output: Tensor  # [D, H U]
    output_bias_D: Optional[Tensor]


class GatedUnit(NamedTuple):
    """The activation of the gate times the other half (arXiv 2002.05202), then back to D."""

    gate_up: Tensor  # [2 F, D]
    gate_up_bias: Optional[Tensor]
    down_DF: Tensor
    down_bias_D: Optional[Tensor]
    slope: Optional[Tensor]  # of the activation, if it has one


class Mlp(NamedTuple):
    norm_D: Tensor
    unit: GatedUnit


class Experts(NamedTuple):
    """Routed experts and a shared one (section 2.1.2)."""

    norm_D: Tensor
    router_ED: Tensor
    router_bias_E: Optional[Tensor]
    selection_bias_E: Tensor  # not learned: moved towards an even load, and no part of the gates
    gate_up: Tensor  # [E, 2 F, D]
    gate_up_bias: Optional[Tensor]  # [E, 2 F]
    down_EDF: Tensor
    down_bias_ED: Optional[Tensor]
    shared: GatedUnit


class Layer(NamedTuple):
    """With either of both feed-forward layers."""

    attention: Attention
    mlp: Optional[Mlp]
    experts: Optional[Experts]
    learned: List[Tensor]  # all of the above


class Body(NamedTuple):
    """Layers without embedding and head."""

    layers: List[Layer]
    norm_D: Tensor  # behind the last of them


class MtpModule(NamedTuple):
    """Multi-token prediction (section 2.2)."""

    embedding_norm_D: Tensor
    hidden_norm_D: Tensor
    projection: Tensor  # [D, 2 D]
    layer: Layer
    norm_D: Tensor
    learned: List[Tensor]  # all of the above but the last norm


class Weights(NamedTuple):
    embedding_VD: Tensor
    norm_D: Tensor
    head_VD: Tensor  # the embedding where both are tied
    layers: List[Layer]
    modules: List[MtpModule]
    learned: List[Tensor]  # all of the above in the order of DecoderLayout
