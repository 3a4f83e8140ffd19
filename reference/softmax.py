"""Softmax: scores turned into probabilities that sum to one along an axis."""

import numpy as np

from ._checks import check_axis
from ._domain import real
from ._op import Op


def softmax_forward(x, axis=-1):
    """Softmax y_i = exp(x_i) / sum_j exp(x_j) along an axis.

    x: floating, any shape with at least one entry along `axis`. Returns y, of x's shape, and the cache.
    Shifted by the largest entry, so no exponential overflows. ValueError where x has no such axis.
    """
    check_axis("x", x, axis)
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    y = e / e.sum(axis=axis, keepdims=True)
    return y, (y, axis)


def softmax_backward(dy, cache):
    """dx_i = y_i (dy_i - sum_j dy_j y_j): the Jacobian diag(y) - y y^T times dy, never formed."""
    y, axis = cache
    dx = y * (dy - (dy * y).sum(axis=axis, keepdims=True))
    return (dx,)


def inputs_along(axis=-1):
    """The input of an operation along `axis`: the last, the first, or the one after the batch."""
    return (real("x", {-1: "*S C", 0: "C *S", 1: "N C *S"}[axis]),)


OP = Op(
    name="softmax",
    forward=softmax_forward,
    backward=softmax_backward,
    inputs=inputs_along,
    options={"axis": (-1, 0, 1)},
    empty=("N", "S"),
    cite="Truong Ngoc Son, AI - Foundation and Application, Chapter 2: Back Propagation, "
    "'Multiclass classification with softmax regression'; "
    "Alireza Moradi, Sixteenth Session: Backpropagation algorithm, SoftMax, 'SoftMax'; "
    "Wu, Training of Multi-Layer Neural Network, 'Derivative of the Softmax function'; "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 4.1",
)
