"""The length of a vector of two components, entry by entry of two arrays."""

import numpy as np

from ._broadcasting import BROADCAST, check_stretched, stretched_inputs, summed_back
from ._op import Op


def hypot_forward(x, y, broadcast="none"):
    """Length z = sqrt(x^2 + y^2), elementwise, of x's shape.

    broadcast: "none", y of x's shape; or, for x (N, D), "row", y (D,), "column", y (N, 1), "scalar", y (1,).
    Scaled by the larger of both, so that no square overflows or underflows.
    ValueError where a shape does not fit or the option is unknown.
    """
    check_stretched(x, y, broadcast)
    larger = np.maximum(np.abs(x), np.abs(y))
    ratio = np.minimum(np.abs(x), np.abs(y)) / np.where(larger > 0, larger, 1)
    z = larger * np.sqrt(1 + ratio * ratio)
    return +z, (x, y, z)


def hypot_backward(dz, cache):
    """dx = dz x / z, dy = dz y / z summed back to the shape of y; both are taken as 0 at the origin."""
    x, y, z = cache
    length = np.where(z > 0, z, 1)
    dx = dz * (x / length)
    dy = summed_back(dz * (y / length), y)
    return dx, dy


def _inputs(broadcast="none"):
    return stretched_inputs(broadcast, tied=True)


OP = Op(
    name="hypot",
    forward=hypot_forward,
    backward=hypot_backward,
    inputs=_inputs,
    options={"broadcast": BROADCAST},
    output="z",
    empty=("N", "S"),
    lengths=True,
    excluded={
        "integers": "both components may be zero, where the length has no derivative",
        "kinks": "both components may be zero, where the length has no derivative",
    },
    cite="Moler, Morrison, Replacing square roots by Pythagorean sums (1983)",
)
