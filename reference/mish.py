"""Mish: each number times the hyperbolic tangent of its softplus."""

import numpy as np

from ._domain import real
from ._op import Op


def mish_forward(x):
    """Mish y = x tanh(log(1 + exp(x))), elementwise, any shape.

    tanh(log(a)) is (a^2 - 1) / (a^2 + 1): a ratio of polynomials in e = exp(-|x|), which neither overflows nor cancels.
    """
    e = np.exp(-np.abs(x))
    small = e * (2 + e)
    t = np.where(x >= 0, (1 + 2 * e) / (1 + 2 * e * (1 + e)), small / (small + 2))
    return x * t, (x, e, t)


def mish_backward(dy, cache):
    """dx = dy (t + x (1 - t^2) sigmoid(x)) with t = y / x; (1 - t^2) sigmoid(x) as one ratio in e = exp(-|x|)."""
    x, e, t = cache
    bend = np.where(x >= 0, e / (1 + 2 * e * (1 + e)) ** 2 * e, e / (e * (2 + e) + 2) ** 2)
    dx = dy * (t + x * (4 * (1 + e) * bend))
    return (dx,)


OP = Op(
    name="mish",
    forward=mish_forward,
    backward=mish_backward,
    inputs=(real("x", "*S"),),
    empty=("S",),
    cite="Misra, Mish: a self regularized non-monotonic activation function (2020), section 2",
)
