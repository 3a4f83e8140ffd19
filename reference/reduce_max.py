"""Maximum along an axis, or of everything."""

import numpy as np

from ._op import Op
from ._reductions import AXES, check_axes, inputs_over, spread


def reduce_max_forward(x, axis=-1):
    """Maximum y = max_i x_i along an axis, which disappears; axis="all" takes the maximum of everything.

    x: floating, any shape with an entry to take the maximum of. Returns y and the cache.
    ValueError where x has no such axis.
    """
    axis = check_axes("x", x, axis)
    y = x.max(axis=axis)
    return y, (x, y, axis)


def reduce_max_backward(dy, cache):
    """dx_i = dy where x_i is the maximum, 0 elsewhere; several equal maxima share it in equal parts."""
    x, y, axis = cache
    first = np.where(x == spread(y, x, axis), np.ones_like(x), np.zeros_like(x))
    dx = spread(dy, x, axis) * first / first.sum(axis=axis, keepdims=True)
    return (dx,)


OP = Op(
    name="reduce_max",
    forward=reduce_max_forward,
    backward=reduce_max_backward,
    inputs=inputs_over,
    options={"axis": AXES},
    empty=("N",),
    cite="Boyd, Vandenberghe, Convex Optimization (2004), section 3.2.3",
)
