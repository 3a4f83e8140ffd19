"""Multi-head attention: several attentions side by side, each on its own projection of queries, keys and values."""

from ._attention import attend, attend_backward, check_heads, check_mask, joined_heads, split_heads
from ._checks import check_rank, check_shape
from ._domain import mask as booleans
from ._domain import real
from ._op import Op
from .temporal_affine import temporal_affine_backward, temporal_affine_forward


def multi_head_attention_forward(q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads=1):
    """Multi-head attention: project, attend in each head, join the heads, project again.

    q: (N, T, D); k, v: (N, K, D); wq, wk, wv, wo: (D, D); bq, bv, bo: (D,), floating; mask: (N, T, K), booleans, a
    True in each row: which keys a query may look at, in every head. The j-th of the `heads` heads has the j-th part of
    the projected features. The keys have no bias: it would add the same number to all scores of a query, which softmax
    does not see. Returns y (N, T, D) and the cache. ValueError where a shape does not fit or D is not a multiple of
    `heads`.
    """
    _check_multi_head_attention(q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads)
    queries, at_q = temporal_affine_forward(q, wq, bq)
    keys, at_k = temporal_affine_forward(k, wk, 0 * bq)
    values, at_v = temporal_affine_forward(v, wv, bv)
    seen, at_attention = attend(*(split_heads(x, heads) for x in (queries, keys, values)), mask[:, None])
    y, at_y = temporal_affine_forward(joined_heads(seen), wo, bo)
    return y, (heads, at_q, at_k, at_v, at_attention, at_y)


def multi_head_attention_backward(dy, cache):
    """dq, dk, dv, dwq, dbq, dwk, dwv, dbv, dwo, dbo from dy (N, T, D)."""
    heads, at_q, at_k, at_v, at_attention, at_y = cache
    dseen, dwo, dbo = temporal_affine_backward(dy, at_y)
    inner = attend_backward(split_heads(dseen, heads), at_attention)
    dqueries, dkeys, dvalues = map(joined_heads, inner)
    dq, dwq, dbq = temporal_affine_backward(dqueries, at_q)
    dk, dwk, _ = temporal_affine_backward(dkeys, at_k)
    dv, dwv, dbv = temporal_affine_backward(dvalues, at_v)
    return dq, dk, dv, dwq, dbq, dwk, dwv, dbv, dwo, dbo


def _check_multi_head_attention(q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads):
    check_rank("q", q, 3, "(N, T, D)")
    check_rank("k", k, 3, "(N, K, D)")
    features = q.shape[2]
    check_heads(heads, features)
    check_shape("k", k, (len(q), k.shape[1], features), f"since q has shape {q.shape}")
    check_shape("v", v, k.shape, "as k has")
    for name, w in {"wq": wq, "wk": wk, "wv": wv, "wo": wo}.items():
        check_shape(name, w, (features, features), f"since q has shape {q.shape}")
    for name, b in {"bq": bq, "bv": bv, "bo": bo}.items():
        check_shape(name, b, (features,), f"since q has shape {q.shape}")
    check_mask(mask, (*q.shape[:2], k.shape[1]), f"since q has shape {q.shape} and k {k.shape}")


def projections(end=""):
    """The weights of one attention as inputs; `end` is what their names end in."""
    shapes = {"wq": "D D", "bq": "D", "wk": "D D", "wv": "D D", "bv": "D", "wo": "D D", "bo": "D"}
    return tuple(real(name + end, shape) for name, shape in shapes.items())


HEADS = (1, 2)
FEATURES = (4, 2, 6)  # sizes of D that HEADS divide
EXCLUDED = {
    "huge": "a score is a product of four factors, and overflows in float32",
    "offset": "scores of 1e8 and more round by whole units in float32: no weight is determined",
}

OP = Op(
    name="multi_head_attention",
    forward=multi_head_attention_forward,
    backward=multi_head_attention_backward,
    inputs=(real("q", "N T D"), real("k", "N K D"), real("v", "N K D"), *projections(), booleans("mask", "N T K")),
    options={"heads": HEADS},
    sizes={"D": FEATURES, "T": (3, 1, 2), "K": (5, 1, 2, 4)},
    excluded=EXCLUDED,
    cite="Vaswani et al., Attention Is All You Need, NeurIPS (2017), section 3.2.2",
)
