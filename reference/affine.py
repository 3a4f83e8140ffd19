"""Affine map y = x w + b: every fully connected layer."""

from ._checks import check_rank, check_shape
from ._domain import real
from ._op import Op


def affine_forward(x, w, b):
    """Affine map y = x w + b.

    x: (N, D); w: (D, M); b: (M,); floating. Returns y (N, M) and the cache.
    ValueError where a shape does not fit.
    """
    check_rank("x", x, 2, "(N, D)")
    check_rank("w", w, 2, "(D, M)")
    check_shape("w", w, (x.shape[1], w.shape[1]), f"since x has shape {x.shape}")
    check_shape("b", b, (w.shape[1],), f"since w has shape {w.shape}")
    return x @ w + b, (x, w)


def affine_backward(dy, cache):
    """Gradients of the affine map: dx (N, D), dw (D, M), db (M,) from dy (N, M)."""
    x, w = cache
    dx = dy @ w.T
    dw = x.T @ dy
    db = dy.sum(axis=0)
    return dx, dw, db


OP = Op(
    name="affine",
    forward=affine_forward,
    backward=affine_backward,
    inputs=(real("x", "N D"), real("w", "D M"), real("b", "M")),
    empty=("N",),
    cite="ADF, Telkom University, Machine Learning: Backpropagation, 'Chain Rule Vectorized'; "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.5",
)
