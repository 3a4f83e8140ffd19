"""The absolute value."""

import numpy as np

from ._domain import real
from ._op import Op


def absolute_forward(x):
    """Absolute value y = |x|, elementwise, any shape."""
    return np.abs(x), x


def absolute_backward(dy, cache):
    """dx = dy sign(x); at the kink x = 0 it is taken as 0."""
    x = cache
    dx = dy * np.sign(x)
    return (dx,)


OP = Op(
    name="absolute",
    forward=absolute_forward,
    backward=absolute_backward,
    inputs=(real("x", "*S", kinks=(0.0,)),),
    empty=("S",),
    cite="Griewank, Walther, Evaluating Derivatives (2nd ed., 2008), chapter 14",
)
