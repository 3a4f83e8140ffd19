"""The square root."""

import numpy as np

from ._domain import real
from ._op import Op


def sqrt_forward(x):
    """Square root y of positive x, elementwise, any shape; at zero the slope is infinite."""
    return np.sqrt(x), x


def sqrt_backward(dy, cache):
    """dx = dy / (2 sqrt(x))."""
    x = cache
    dx = dy / (2 * np.sqrt(x))
    return (dx,)


OP = Op(
    name="sqrt",
    forward=sqrt_forward,
    backward=sqrt_backward,
    inputs=(real("x", "*S", low=2.0**-100),),
    empty=("S",),
    cite="Griewank, Walther, Evaluating Derivatives (2nd ed., 2008), chapter 3",
)
