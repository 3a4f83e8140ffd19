"""A layer of a transformer's decoder: self-attention, attention to the encoder's output, the feed-forward block."""

from ._attention import check_heads, check_mask
from ._checks import check_option, check_rank, check_shape
from ._domain import mask as booleans
from ._domain import real
from ._op import Op
from ._transformer import (
    NORM,
    check_norms,
    cross_attention_backward,
    norm_weights,
    residual,
    residual_backward,
    self_attention_backward,
)
from .feed_forward import WEIGHTS, feed_forward_backward, feed_forward_forward
from .multi_head_attention import EXCLUDED, FEATURES, multi_head_attention_forward, projections


def transformer_decoder_layer_forward(
    x, memory,
    wq, bq, wk, wv, bv, wo, bo, scale1, shift1,
    wqm, bqm, wkm, wvm, bvm, wom, bom, scale2, shift2,
    w1, b1, w2, b2, scale3, shift3,
    mask, maskm, norm="after", heads=2,
):  # fmt: skip
    """Layer of a transformer's decoder: self-attention, attention to a memory, feed-forward, each as in the encoder.

    x: (N, T, D); memory: (N, K, D), the encoder's output; wq ... bo: of the self-attention and wqm ... bom of the
    attention to the memory (see multi_head_attention); w1 ... b2: of the relu block (see feed_forward); scale1 ...
    shift3: (D,), of the three layer normalisations, epsilon 1e-5; mask: (N, T, T), maskm: (N, T, K), booleans, a True
    in each row. norm: "after" the sum or "before" the block (the memory is taken as it is). No dropout.
    Returns y (N, T, D) and the cache. ValueError where a shape does not fit, and for an unknown option.
    """
    check_option("norm", norm, NORM)
    check_rank("x", x, 3, "(N, T, D)")
    check_heads(heads, x.shape[2])
    check_rank("memory", memory, 3, "(N, K, D)")
    check_shape("memory", memory, (len(x), memory.shape[1], x.shape[2]), f"since x has shape {x.shape}")
    check_norms(x, scale1=scale1, shift1=shift1, scale2=scale2, shift2=shift2, scale3=scale3, shift3=shift3)
    for name, w in {"wqm": wqm, "wkm": wkm, "wvm": wvm, "wom": wom}.items():
        check_shape(name, w, (x.shape[2], x.shape[2]), f"since x has shape {x.shape}")
    check_norms(x, bqm=bqm, bvm=bvm, bom=bom)
    why = f"since x has shape {x.shape} and memory {memory.shape}"
    check_mask(maskm, (*x.shape[:2], memory.shape[1]), why, "maskm")

    def look_around(z):
        return multi_head_attention_forward(z, z, z, wq, bq, wk, wv, bv, wo, bo, mask, heads)

    def look_back(z):
        return multi_head_attention_forward(z, memory, memory, wqm, bqm, wkm, wvm, bvm, wom, bom, maskm, heads)

    first, at_self = residual(x, look_around, scale1, shift1, norm)
    second, at_memory = residual(first, look_back, scale2, shift2, norm)
    y, at_block = residual(second, lambda z: feed_forward_forward(z, w1, b1, w2, b2), scale3, shift3, norm)
    return y, (at_self, at_memory, at_block)


def transformer_decoder_layer_backward(dy, cache):
    """dx, dmemory and the gradients of all weights, in the forward's order, from dy (N, T, D)."""
    at_self, at_memory, at_block = cache
    dsecond, *block = residual_backward(dy, feed_forward_backward, at_block)
    dfirst, dmemory, *cross = residual_backward(dsecond, cross_attention_backward, at_memory)
    dx, *own = residual_backward(dfirst, self_attention_backward, at_self)
    return dx, dmemory, *own, *cross, *block


OP = Op(
    name="transformer_decoder_layer",
    forward=transformer_decoder_layer_forward,
    backward=transformer_decoder_layer_backward,
    inputs=(
        real("x", "N T D"),
        real("memory", "N K D"),
        *projections(),
        *norm_weights(1),
        *projections("m"),
        *norm_weights(2),
        *WEIGHTS,
        *norm_weights(3),
        booleans("mask", "N T T"),
        booleans("maskm", "N T K"),
    ),
    options={"norm": NORM, "heads": (2, 1)},
    sizes={"D": FEATURES, "T": (3, 1, 2), "K": (5, 1, 2), "N": (2, 1, 3), "F": (7, 3, 5)},
    excluded=EXCLUDED,
    cite="Vaswani et al., Attention Is All You Need, NeurIPS (2017), section 3.1; with the normalisation before: "
    "Xiong et al., On Layer Normalization in the Transformer Architecture, ICML (2020)",
)
