"""Numbers cut off at two bounds."""

import numpy as np

from ._checks import check_number
from ._domain import real
from ._op import Op


def clip_forward(x, low=-1.0, high=1.0):
    """Clipping y = min(max(x, low), high), elementwise, any shape.

    low, high: the bounds, low below high. ValueError where they are no such numbers.
    """
    check_number("low", low)
    check_number("high", high, above=low)
    return np.clip(x, low, high), (x, low, high)


def clip_backward(dy, cache):
    """dx = dy where low <= x <= high, else 0: a number on a bound counts as inside."""
    x, low, high = cache
    dx = dy * ((x >= low) & (x <= high))
    return (dx,)


def _inputs(low=-1.0, high=1.0):
    return (real("x", "*S", kinks=(low, high)),)


OP = Op(
    name="clip",
    forward=clip_forward,
    backward=clip_backward,
    inputs=_inputs,
    options={"low": (-1.0, 0.25), "high": (1.0, 0.75)},
    empty=("S",),
    cite="Griewank, Walther, Evaluating Derivatives (2nd ed., 2008), chapter 14",
)
