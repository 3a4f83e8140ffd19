"""Positive numbers raised to real powers, entry by entry."""

import numpy as np

from ._broadcasting import BROADCAST, check_stretched, stretched_inputs, summed_back
from ._op import Op


def power_forward(x, y, broadcast="none"):
    """Power z = x^y of positive x, elementwise, of x's shape.

    broadcast: "none", y of x's shape; or, for x (N, D), "row", y (D,), "column", y (N, 1), "scalar", y (1,).
    ValueError where a shape does not fit or the option is unknown.
    """
    check_stretched(x, y, broadcast)
    return x**y, (x, y)


def power_backward(dz, cache):
    """dx = dz y x^(y - 1), dy = dz x^y log(x) summed back to the shape of y."""
    x, y = cache
    dx = dz * y * x ** (y - 1)
    dy = summed_back(dz * x**y * np.log(x), y)
    return dx, dy


def _inputs(broadcast="none"):
    return stretched_inputs(broadcast, low=0.125)


OP = Op(
    name="power",
    forward=power_forward,
    backward=power_backward,
    inputs=_inputs,
    options={"broadcast": BROADCAST},
    output="z",
    empty=("N", "S"),
    excluded={
        "tails": "the 60th power of 60 is above every float32",
        "huge": "such powers are above every float",
        "offset": "such powers are above every float",
    },
    cite="Griewank, Walther, Evaluating Derivatives (2nd ed., 2008), chapter 3",
)
