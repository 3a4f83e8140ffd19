"""Mean along an axis, or of everything."""

import numpy as np

from ._op import Op
from ._reductions import AXES, check_axes, entries, inputs_over, spread


def reduce_mean_forward(x, axis=-1):
    """Mean y = sum_i x_i / n along an axis, which disappears; axis="all" takes the mean of everything.

    x: floating, any shape with an entry to take the mean of. Returns y and the cache.
    ValueError where x has no such axis.
    """
    axis = check_axes("x", x, axis)
    return x.sum(axis=axis) / entries(x, axis), (x, axis)


def reduce_mean_backward(dy, cache):
    """dx_i = dy / n."""
    x, axis = cache
    return (spread(dy / entries(x, axis), x, axis) * np.ones_like(x),)


OP = Op(
    name="reduce_mean",
    forward=reduce_mean_forward,
    backward=reduce_mean_backward,
    inputs=inputs_over,
    options={"axis": AXES},
    empty=("N",),
    cite="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.5.6",
)
