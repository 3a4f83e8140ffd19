"""Subjects of multi_head_attention."""

import numpy as np

from . import _attention as attention
from ._records import Unusual, Wrong

textbook = attention.heads_one_by_one
forward = attention.many


def backward(dy, cache):
    return attention.many_gradients(dy, cache)


def backward_scale_forgotten(dy, cache):
    return attention.many_gradients(dy, cache, scaled=False)


def backward_diagonal_only(dy, cache):
    return attention.many_gradients(dy, cache, mean=0.0)


def backward_keys_and_values_swapped(dy, cache):
    dq, dk, dv, dwq, dbq, dwk, dwv, dbv, dwo, dbo = attention.many_gradients(dy, cache)
    return dq, dv, dk, dwq, dbq, dwv, dwk, dbv, dwo, dbo


def backward_output_transposed(dy, cache):
    *rest, dwo, dbo = attention.many_gradients(dy, cache)
    return *rest, dwo.T.copy(), dbo


def forward_scaled_by_all_features(q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads=1):
    return attention.many(q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads, scale=q.shape[2] ** -0.5)


def forward_one_head(q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads=1):
    return attention.many(q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, 1)


QUERY_AND_KEY = "dq dk dwq dbq dwk"
EVERY = "dq dk dv dwq dbq dwk dwv dbv dwo"
WEIGHTED = "dq dk dv dwq dbq dwk dwv dwo"  # what depends on the weights p; dbv does not, as they sum to one
TWO = {"heads": 2}
WRONG = [
    Wrong("scale-forgotten", "dropped term", forward, backward_scale_forgotten, QUERY_AND_KEY, cases=20),
    Wrong("jacobian-diagonal-only", "dropped term", forward, backward_diagonal_only, QUERY_AND_KEY),
    Wrong(
        "keys-and-values-swapped",
        "swapped",
        forward,
        backward_keys_and_values_swapped,
        "dk dv dwk dwv",
        says="the gradients of keys and values are swapped",
    ),
    Wrong("wo-transposed", "transposed", forward, backward_output_transposed, "dwo", says="dwo is transposed"),
    Wrong(
        "scaled-by-all-features",
        "constant slightly off",
        forward_scaled_by_all_features,
        backward,
        f"y {WEIGHTED}",
        options=TWO,
        cases=20,
        says="the scores are divided by the root of all features, not of one head's",
    ),
    Wrong(
        "heads-ignored",
        "wrong option",
        forward_one_head,
        backward,
        f"y {WEIGHTED}",
        options=TWO,
        cases=20,
        says="there is one head, whatever the option says",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_head_by_head(q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads=1):
    """The output as a sum over the heads, each with its own rows of wo."""
    _, cache = attention.many(q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads)
    y = 0 * q + bo
    for cut in np.split(np.arange(q.shape[2]), heads):
        seen, _ = attention.attend(q @ wq[:, cut] + bq[cut], k @ wk[:, cut], v @ wv[:, cut] + bv[cut], mask)
        y = y + seen @ wo[cut]
    return y, cache


def backward_as_a_dict(dy, cache):
    return dict(zip(f"{EVERY} dbo".split(), attention.many_gradients(dy, cache), strict=True))


UNUSUAL = [
    Unusual("head-by-head", forward_head_by_head, backward, loses=attention.SATURATED),
    Unusual("gradients-by-name", forward, backward_as_a_dict, loses=attention.SATURATED),
]
