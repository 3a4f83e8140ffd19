"""The Gaussian error linear unit: each number times the probability that a normal variable is below it."""

import numpy as np

from ._checks import check_option
from ._domain import real
from ._op import Op
from ._special import erfc, pi, square_root

APPROXIMATE = ("none", "tanh")
INNER = 0.7978845608028654  # sqrt(2 / pi)
CUBIC = 0.044715
FAR = 100.0  # from here on exp(-2 u) is zero in floats, while the cube of x may overflow


def gelu_forward(x, approximate="none"):
    """Gaussian error linear unit y = x p(x), elementwise, any shape.

    approximate: "none", p(x) = erfc(-x / sqrt(2)) / 2, the normal distribution function; or "tanh",
    p(x) = (1 + tanh(u)) / 2 with u = sqrt(2 / pi) (x + 0.044715 x^3), written as the sigmoid of 2 u: 1 + tanh(u)
    has lost every digit where x passes -6. ValueError where it is neither.
    """
    check_option("approximate", approximate, APPROXIMATE)
    p = erfc(-x / square_root(2, x)) / 2 if approximate == "none" else _tanh_form(x)[0]
    return x * p, (x, p, approximate)


def gelu_backward(dy, cache):
    """dx = dy (p(x) + x p'(x)), where p' is the normal density, or the slope of its approximation."""
    x, p, approximate = cache
    density = np.exp(-x * x / 2) / square_root(2 * pi(x), x) if approximate == "none" else _tanh_form(x)[1]
    dx = dy * (p + x * density)
    return (dx,)


def _tanh_form(x):
    """The sigmoid of 2 u and its derivative by x, in which every exponential is of -2 |u|."""
    near = np.abs(x) < FAR
    size = np.where(near, np.abs(x), 0 * x + FAR)
    e = np.exp(-2 * INNER * (size + CUBIC * size**3))
    slope = 2 * INNER * (1 + 3 * (CUBIC * size**2))
    return np.where(x >= 0, 1, e) / (1 + e), near * slope * e / (1 + e) ** 2


OP = Op(
    name="gelu",
    forward=gelu_forward,
    backward=gelu_backward,
    inputs=(real("x", "*S"),),
    options={"approximate": APPROXIMATE},
    empty=("S",),
    cite="Hendrycks, Gimpel, Gaussian error linear units (2016), section 2",
)
