"""Softplus: the smooth ramp log(1 + exp(x)), whose slope is the logistic function."""

import numpy as np

from ._domain import real
from ._op import Op


def softplus_forward(x):
    """Softplus y = log(1 + exp(x)), elementwise, any shape.

    Written as max(x, 0) + log1p(exp(-|x|)): no overflow above, no lost digits below.
    """
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), x


def softplus_backward(dy, cache):
    """dx = dy / (1 + exp(-x)), with the exponential always of -|x|."""
    x = cache
    e = np.exp(-np.abs(x))
    dx = dy * np.where(x >= 0, 1, e) / (1 + e)
    return (dx,)


OP = Op(
    name="softplus",
    forward=softplus_forward,
    backward=softplus_backward,
    inputs=(real("x", "*S"),),
    empty=("S",),
    cite="Dugas et al., Incorporating second-order functional knowledge (2001), eq. 4",
)
