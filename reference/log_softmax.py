"""Log-softmax: the logarithms of softmax's probabilities, without forming the probabilities first."""

import numpy as np

from ._checks import check_axis
from ._op import Op
from .softmax import inputs_along


def log_softmax_forward(x, axis=-1):
    """Log-softmax y_i = x_i - log sum_j exp(x_j) along an axis.

    x: floating, any shape with at least one entry along `axis`. Returns y, of x's shape, and the cache.
    Written as (x - max) - log1p(sum of exp over the others): where one entry dominates, its y is a tiny
    negative number that log(1 + tiny) would round to zero. ValueError where x has no such axis.
    """
    check_axis("x", x, axis)
    x = np.moveaxis(x, axis, -1)
    top = np.argmax(x, axis=-1, keepdims=True)
    others = np.arange(x.shape[-1]) != top
    shifted = x - np.take_along_axis(x, top, axis=-1)
    e = np.exp(shifted)
    rest = (e * others).sum(axis=-1, keepdims=True)
    y = shifted - np.log1p(rest)
    softmax = e / (1 + rest)
    return np.moveaxis(y, -1, axis), (np.moveaxis(softmax, -1, axis), axis)


def log_softmax_backward(dy, cache):
    """dx_i = dy_i - softmax_i sum_j dy_j."""
    softmax, axis = cache
    dx = dy - softmax * dy.sum(axis=axis, keepdims=True)
    return (dx,)


OP = Op(
    name="log_softmax",
    forward=log_softmax_forward,
    backward=log_softmax_backward,
    inputs=inputs_along,
    options={"axis": (-1, 0, 1)},
    empty=("N", "S"),
    cite="Wu, Training of Multi-Layer Neural Network, 'Derivative of the Categorical Cross-Entropy Loss'; "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.2.2.3; "
    "Blanchard, Higham, Higham, Accurately computing the log-sum-exp and softmax functions (2021)",
)
