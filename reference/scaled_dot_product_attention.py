"""Scaled dot-product attention: each query's average of the values, weighted by how well the keys fit it."""

from ._attention import attend, attend_backward, check_mask
from ._checks import check_rank, check_shape
from ._domain import mask as booleans
from ._domain import real
from ._op import Op


def scaled_dot_product_attention_forward(q, k, v, mask):
    """Scaled dot-product attention y = softmax(q k^T / sqrt(D)) v over the keys where `mask` is True.

    q: (N, T, D), queries; k: (N, K, D), keys; v: (N, K, V), values; floating; mask: (N, T, K), booleans, a True in
    each row: which keys a query may look at. Returns y (N, T, V) and the cache. ValueError where a shape does not fit.
    """
    check_rank("q", q, 3, "(N, T, D)")
    check_rank("k", k, 3, "(N, K, D)")
    check_rank("v", v, 3, "(N, K, V)")
    check_shape("k", k, (len(q), k.shape[1], q.shape[2]), f"since q has shape {q.shape}")
    check_shape("v", v, (*k.shape[:2], v.shape[2]), f"since k has shape {k.shape}")
    check_mask(mask, (*q.shape[:2], k.shape[1]), f"since q has shape {q.shape} and k {k.shape}")
    return attend(q, k, v, mask)


def scaled_dot_product_attention_backward(dy, cache):
    """dq (N, T, D), dk (N, K, D), dv (N, K, V) from dy (N, T, V)."""
    return attend_backward(dy, cache)


OP = Op(
    name="scaled_dot_product_attention",
    forward=scaled_dot_product_attention_forward,
    backward=scaled_dot_product_attention_backward,
    inputs=(real("q", "N T D"), real("k", "N K D"), real("v", "N K V"), booleans("mask", "N T K")),
    sizes={"T": (3, 1, 2, 4), "K": (5, 1, 2, 7)},
    excluded={"offset": "scores of 1e8 and more round by whole units in float32: no weight is determined"},
    cite="Vaswani et al., Attention Is All You Need, NeurIPS (2017), eq. 1",
)
