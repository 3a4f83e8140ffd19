"""The exponential linear unit: the identity above zero, below it an exponential that levels off at -alpha."""

import numpy as np

from ._checks import check_number
from ._domain import real
from ._op import Op


def elu_forward(x, alpha=1.0):
    """Exponential linear unit y = x where x > 0, else alpha (exp(x) - 1), elementwise, any shape.

    alpha: where the negative side levels off. ValueError where it is not a finite number.
    Written with expm1 of -|x|: no overflow, and no digit lost near zero.
    """
    check_number("alpha", alpha)
    return np.where(x > 0, x, alpha * np.expm1(-np.abs(x))), (x, alpha)


def elu_backward(dy, cache):
    """dx = dy where x > 0, else dy alpha exp(x); x = 0, a kink unless alpha is 1, counts as negative."""
    x, alpha = cache
    dx = np.where(x > 0, dy, dy * alpha * np.exp(-np.abs(x)))
    return (dx,)


OP = Op(
    name="elu",
    forward=elu_forward,
    backward=elu_backward,
    inputs=(real("x", "*S", kinks=(0.0,)),),
    options={"alpha": (1.0, 0.5)},
    empty=("S",),
    cite="Clevert, Unterthiner, Hochreiter, Fast and accurate deep network learning by exponential linear units "
    "(2016), section 3",
)
