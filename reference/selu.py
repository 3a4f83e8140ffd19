"""The scaled exponential linear unit: the two constants that keep mean 0 and variance 1 from layer to layer."""

import numpy as np

from ._domain import real
from ._op import Op

ALPHA = 1.6732632423543772
SCALE = 1.0507009873554805


def selu_forward(x):
    """Scaled exponential linear unit y = s x where x > 0, else s alpha (exp(x) - 1), elementwise, any shape.

    s = 1.0507..., alpha = 1.6732...: the fixed point of the source's equations.
    """
    return SCALE * np.where(x > 0, x, ALPHA * np.expm1(-np.abs(x))), x


def selu_backward(dy, cache):
    """dx = dy s where x > 0, else dy s alpha exp(x); the kink x = 0 counts as negative."""
    x = cache
    dx = SCALE * np.where(x > 0, dy, dy * ALPHA * np.exp(-np.abs(x)))
    return (dx,)


OP = Op(
    name="selu",
    forward=selu_forward,
    backward=selu_backward,
    inputs=(real("x", "*S", kinks=(0.0,)),),
    empty=("S",),
    cite="Klambauer, Unterthiner, Mayr, Hochreiter, Self-normalizing neural networks (2017), eq. 2",
)
