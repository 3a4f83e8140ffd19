"""The continuously differentiable exponential linear unit: ELU with slope 1 at zero whatever alpha is."""

import numpy as np

from ._checks import check_number
from ._domain import real
from ._op import Op


def celu_forward(x, alpha=1.0):
    """Exponential linear unit y = x where x > 0, else alpha (exp(x / alpha) - 1), elementwise, any shape.

    alpha: where the negative side levels off, above 0. ValueError where it is not such a number.
    """
    check_number("alpha", alpha, above=0)
    return np.where(x > 0, x, alpha * np.expm1(-np.abs(x) / alpha)), (x, alpha)


def celu_backward(dy, cache):
    """dx = dy where x > 0, else dy exp(x / alpha): both are dy at x = 0."""
    x, alpha = cache
    dx = np.where(x > 0, dy, dy * np.exp(-np.abs(x) / alpha))
    return (dx,)


OP = Op(
    name="celu",
    forward=celu_forward,
    backward=celu_backward,
    inputs=(real("x", "*S", kinks=(0.0,)),),
    options={"alpha": (1.0, 0.5)},
    empty=("S",),
    cite="Barron, Continuously differentiable exponential linear units (2017), eq. 2",
)
