"""The logarithm of the logistic sigmoid: a softplus turned around."""

import numpy as np

from ._domain import real
from ._op import Op


def log_sigmoid_forward(x):
    """Log-sigmoid y = -log(1 + exp(-x)), elementwise, any shape.

    Written as min(x, 0) - log1p(exp(-|x|)): no overflow below, no lost digits above.
    """
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))), x


def log_sigmoid_backward(dy, cache):
    """dx = dy / (1 + exp(x)), with the exponential always of -|x|."""
    x = cache
    e = np.exp(-np.abs(x))
    dx = dy * np.where(x >= 0, e, 1) / (1 + e)
    return (dx,)


OP = Op(
    name="log_sigmoid",
    forward=log_sigmoid_forward,
    backward=log_sigmoid_backward,
    inputs=(real("x", "*S"),),
    empty=("S",),
    cite="Goodfellow, Bengio, Courville, Deep Learning (2016), section 3.10",
)
