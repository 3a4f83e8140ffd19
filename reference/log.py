"""The natural logarithm."""

import numpy as np

from ._domain import real
from ._op import Op


def log_forward(x):
    """Natural logarithm y = log(x) of positive x, elementwise, any shape."""
    return np.log(x), x


def log_backward(dy, cache):
    """dx = dy / x."""
    x = cache
    dx = dy / x
    return (dx,)


OP = Op(
    name="log",
    forward=log_forward,
    backward=log_backward,
    inputs=(real("x", "*S", low=2.0**-100),),
    empty=("S",),
    cite="Griewank, Walther, Evaluating Derivatives (2nd ed., 2008), chapter 3",
)
