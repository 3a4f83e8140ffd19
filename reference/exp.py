"""The exponential function, its own derivative."""

import numpy as np

from ._domain import real
from ._op import Op


def exp_forward(x):
    """Exponential y = exp(x), elementwise, any shape."""
    return np.exp(x), x


def exp_backward(dy, cache):
    """dx = dy exp(x)."""
    x = cache
    dx = dy * np.exp(x)
    return (dx,)


OP = Op(
    name="exp",
    forward=exp_forward,
    backward=exp_backward,
    inputs=(real("x", "*S"),),
    empty=("S",),
    excluded={"huge": "exp overflows", "offset": "exp overflows"},
    cite="Griewank, Walther, Evaluating Derivatives (2nd ed., 2008), chapter 3",
)
