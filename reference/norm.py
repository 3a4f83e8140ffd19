"""Euclidean norm along an axis, or of everything."""

from ._lengths import lengths
from ._op import Op
from ._reductions import AXES, check_axes, inputs_over, spread


def norm_forward(x, axis=-1):
    """Euclidean norm y = sqrt(sum_i x_i^2) along an axis, which disappears; axis="all" takes that of everything.

    x: floating, any shape with at least one entry. Returns y and the cache. Neither overflows nor underflows where
    the squares would. ValueError where x has no such axis.
    """
    axis = check_axes("x", x, axis)
    length, unit = lengths(x, axis)
    return length.sum(axis=axis), (unit, axis)


def norm_backward(dy, cache):
    """dx_i = dy x_i / y, and 0 where y = 0: of the slopes between -1 and 1 at that kink, the middle one."""
    unit, axis = cache
    return (spread(dy, unit, axis) * unit,)


OP = Op(
    name="norm",
    forward=norm_forward,
    backward=norm_backward,
    inputs=inputs_over,
    options={"axis": AXES},
    empty=("N",),
    lengths=True,
    cite="Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition (2002), section 27.5; Boyd, "
    "Vandenberghe, Convex Optimization (2004), section 3.1",
)
