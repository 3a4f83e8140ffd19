"""The smaller of two arrays, entry by entry: the gate that lets one of its inputs through."""

import numpy as np

from ._broadcasting import BROADCAST, check_stretched, stretched_inputs, summed_back
from ._op import Op


def minimum_forward(x, y, broadcast="none"):
    """The smaller of two numbers, z = min(x, y), elementwise, of x's shape.

    broadcast: "none", y of x's shape; or, for x (N, D), "row", y (D,), "column", y (N, 1), "scalar", y (1,).
    ValueError where a shape does not fit or the option is unknown.
    """
    check_stretched(x, y, broadcast)
    return np.minimum(x, y), (x, y)


def minimum_backward(dz, cache):
    """dx = dz where x <= y, dy = dz elsewhere, summed back to the shape of y: of two equal numbers x passes."""
    x, y = cache
    dx = dz * (x <= y)
    dy = summed_back(dz * (x > y), y)
    return dx, dy


def _inputs(broadcast="none"):
    return stretched_inputs(broadcast, tied=True)


OP = Op(
    name="minimum",
    forward=minimum_forward,
    backward=minimum_backward,
    inputs=_inputs,
    options={"broadcast": BROADCAST},
    output="z",
    empty=("N", "S"),
    cite="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.3, for the choice at a kink; "
    "Griewank, Walther, Evaluating Derivatives (2nd ed., 2008), chapter 14",
)
