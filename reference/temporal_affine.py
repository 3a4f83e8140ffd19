"""Affine map at every step of a sequence."""

from ._checks import check_rank, check_shape
from ._domain import real
from ._op import Op
from .affine import affine_backward, affine_forward


def temporal_affine_forward(x, w, b):
    """Affine map at every step of a sequence: y_t = x_t w + b.

    x: (N, T, D); w: (D, M); b: (M,); floating. Returns y (N, T, M) and the cache.
    ValueError where a shape does not fit.
    """
    check_rank("x", x, 3, "(N, T, D)")
    check_rank("w", w, 2, "(D, M)")
    check_shape("w", w, (x.shape[2], w.shape[1]), f"since x has shape {x.shape}")
    y, cache = affine_forward(x.reshape(-1, x.shape[2]), w, b)
    return y.reshape(*x.shape[:2], -1), (x.shape, cache)


def temporal_affine_backward(dy, cache):
    """dx (N, T, D), dw (D, M), db (M,) from dy (N, T, M): every step is one more row."""
    shape, at_affine = cache
    dx, dw, db = affine_backward(dy.reshape(-1, dy.shape[2]), at_affine)
    return dx.reshape(shape), dw, db


OP = Op(
    name="temporal_affine",
    forward=temporal_affine_forward,
    backward=temporal_affine_backward,
    inputs=(real("x", "N T D"), real("w", "D M"), real("b", "M")),
    cite="Stanford CS231n, assignment 3: Image Captioning with Vanilla RNNs, 'Temporal Affine layer'",
)
