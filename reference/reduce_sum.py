"""Sum along an axis, or of everything."""

import numpy as np

from ._op import Op
from ._reductions import AXES, check_axes, inputs_over, spread


def reduce_sum_forward(x, axis=-1):
    """Sum y = sum_i x_i along an axis, which disappears; axis="all" sums everything to a single number.

    x: floating, any shape. Returns y and the cache. ValueError where x has no such axis.
    """
    axis = check_axes("x", x, axis)
    return x.sum(axis=axis), (x, axis)


def reduce_sum_backward(dy, cache):
    """dx_i = dy: every term of a sum has its whole gradient."""
    x, axis = cache
    return (spread(dy, x, axis) * np.ones_like(x),)


OP = Op(
    name="reduce_sum",
    forward=reduce_sum_forward,
    backward=reduce_sum_backward,
    inputs=inputs_over,
    options={"axis": AXES},
    empty=("N", "S", "R"),
    cite="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.5.6",
)
