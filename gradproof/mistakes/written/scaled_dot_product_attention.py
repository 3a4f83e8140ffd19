"""Subjects of scaled_dot_product_attention."""

import numpy as np

from . import _attention as attention
from ._records import Unusual, Wrong

textbook = attention.one_by_one


def forward(q, k, v, mask):
    return attention.attend(q, k, v, mask)


def forward_not_scaled(q, k, v, mask):
    return attention.attend(q, k, v, mask, scale=1.0)


def forward_mask_forgotten(q, k, v, mask):
    return attention.attend(q, k, v, np.ones_like(mask))


def forward_masked_by_ten(q, k, v, mask):
    _, cache = attention.attend(q, k, v, np.ones_like(mask))
    scores = np.einsum("ntd,nkd->ntk", q, k) * cache[-1] - 10 * ~mask
    p = attention.weights(scores, np.ones_like(mask)).astype(q.dtype)
    return p @ v, (q, k, v, p, cache[-1])


def backward(dy, cache):
    return attention.gradients(dy, cache)


def backward_diagonal_only(dy, cache):
    return attention.gradients(dy, cache, mean=0.0)


def backward_elementwise(dy, cache):
    return attention.gradients(dy, cache, others=False)


def backward_scale_forgotten(dy, cache):
    return attention.gradients(dy, cache, scaled=False)


def backward_softmax_forgotten(dy, cache):
    return attention.gradients(dy, cache, through_softmax=False)


def backward_swapped(dy, cache):
    dq, dk, dv = attention.gradients(dy, cache)
    return dq, -dk, dv


WRONG = [
    Wrong("jacobian-diagonal-only", "dropped term", forward, backward_diagonal_only, "dq dk"),
    Wrong(
        "softmax-as-if-elementwise",
        "dropped term",
        forward,
        backward_elementwise,
        "dq dk",
        says="the softmax's derivative is p (1 - p), as for the sigmoid: what the other keys do to it is left out",
    ),
    Wrong(
        "scale-forgotten",
        "constant slightly off",
        forward,
        backward_scale_forgotten,
        "dq dk",
        says="dq and dk are not divided by the root of the size",
    ),
    Wrong(
        "softmax-forgotten",
        "dropped term",
        forward,
        backward_softmax_forgotten,
        "dq dk",
        says="the softmax's Jacobian is left out",
    ),
    Wrong("keys-turned", "wrong sign", forward, backward_swapped, "dk", says="dk has the wrong sign"),
    Wrong(
        "not-scaled",
        "wrong forward",
        forward_not_scaled,
        backward,
        "y dq dk dv",
        cases=20,
        says="the scores are not divided by the root of the size",
    ),
    Wrong("mask-forgotten", "wrong option", forward_mask_forgotten, backward, "y dq dk dv", cases=20),
    Wrong(
        "masked-by-ten",
        "constant slightly off",
        forward_masked_by_ten,
        backward,
        "y dq dk dv",
        cases=40,
        says="masked scores are lowered by 10, not by infinity",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_of_the_allowed(q, k, v, mask):
    """Each query by itself, with the keys that it may look at."""
    p = np.zeros(mask.shape, dtype=q.dtype)
    scale = q.shape[-1] ** -0.5
    for n, t in np.ndindex(*mask.shape[:2]):
        seen = mask[n, t]
        s = k[n, seen] @ q[n, t] * scale
        e = np.exp(s - s.max())
        p[n, t, seen] = e / e.sum()
    return p @ v, (q, k, v, p, scale)


def backward_with_the_output(dy, cache):
    """The mean of dp is dy y, a product over the values instead of the keys: as the fast kernels do."""
    q, k, v, p, scale = cache
    mean = (dy * (p @ v)).sum(axis=-1, keepdims=True)
    ds = p * (dy @ v.swapaxes(1, 2) - mean) * scale
    return ds @ k, ds.swapaxes(1, 2) @ q, p.swapaxes(1, 2) @ dy


UNUSUAL = [
    Unusual("one-query-at-a-time", forward_of_the_allowed, backward, loses=attention.SATURATED),
    Unusual("mean-by-the-output", forward, backward_with_the_output, loses=attention.SATURATED),
]
