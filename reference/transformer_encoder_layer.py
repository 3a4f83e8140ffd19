"""A layer of a transformer's encoder: self-attention, then the feed-forward block, each added to what it was given."""

from ._attention import check_heads
from ._checks import check_option, check_rank
from ._domain import mask as booleans
from ._domain import real
from ._op import Op
from ._transformer import (
    NORM,
    check_norms,
    norm_weights,
    residual,
    residual_backward,
    self_attention_backward,
)
from .feed_forward import WEIGHTS, feed_forward_backward, feed_forward_forward
from .multi_head_attention import EXCLUDED, FEATURES, multi_head_attention_forward, projections


def transformer_encoder_layer_forward(
    x, wq, bq, wk, wv, bv, wo, bo, scale1, shift1, w1, b1, w2, b2, scale2, shift2, mask, norm="after", heads=2
):
    """Layer of a transformer's encoder: x + attention, normalised, then that + feed-forward, normalised.

    x: (N, T, D); wq ... bo: of the attention (see multi_head_attention); w1 ... b2: of the relu block (see
    feed_forward); scale1 ... shift2: (D,), of the two layer normalisations, epsilon 1e-5; mask: (N, T, T), booleans, a
    True in each row. norm: "after" the sum, as first published, or "before" the block. No dropout.
    Returns y (N, T, D) and the cache. ValueError where a shape does not fit, and for an unknown option.
    """
    check_option("norm", norm, NORM)
    check_rank("x", x, 3, "(N, T, D)")
    check_heads(heads, x.shape[2])
    check_norms(x, scale1=scale1, shift1=shift1, scale2=scale2, shift2=shift2)

    def attention(z):
        return multi_head_attention_forward(z, z, z, wq, bq, wk, wv, bv, wo, bo, mask, heads)

    z, at_attention = residual(x, attention, scale1, shift1, norm)
    y, at_block = residual(z, lambda z: feed_forward_forward(z, w1, b1, w2, b2), scale2, shift2, norm)
    return y, (at_attention, at_block)


def transformer_encoder_layer_backward(dy, cache):
    """dx and the gradients of all weights, in the forward's order, from dy (N, T, D)."""
    at_attention, at_block = cache
    dz, *block = residual_backward(dy, feed_forward_backward, at_block)
    return (*residual_backward(dz, self_attention_backward, at_attention), *block)


OP = Op(
    name="transformer_encoder_layer",
    forward=transformer_encoder_layer_forward,
    backward=transformer_encoder_layer_backward,
    inputs=(
        real("x", "N T D"),
        *projections(),
        *norm_weights(1),
        *WEIGHTS,
        *norm_weights(2),
        booleans("mask", "N T T"),
    ),
    options={"norm": NORM, "heads": (2, 1)},
    sizes={"D": FEATURES, "T": (3, 1, 2), "N": (2, 1, 3), "F": (5, 3, 7)},
    excluded=EXCLUDED,
    cite="Vaswani et al., Attention Is All You Need, NeurIPS (2017), section 3.1; with the normalisation before: "
    "Xiong et al., On Layer Normalization in the Transformer Architecture, ICML (2020)",
)
