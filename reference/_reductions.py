"""What reductions share: the axis option, its inputs, and a reduced cotangent shaped to broadcast again."""

import numpy as np

from ._checks import check_axis
from ._domain import real

AXES = (-1, 0, 1, "all")


def check_axes(name, x, axis):
    """Raise ValueError unless `axis` is "all" or an axis of array `x`; returns what NumPy calls it."""
    if axis == "all":
        return None
    check_axis(name, x, axis)
    return axis


def spread(dy, x, axis):
    """A reduction's cotangent with the reduced axes back, of size one; axis None stands for all of them."""
    return np.reshape(dy, (1,) * x.ndim) if axis is None else np.expand_dims(dy, axis)


def entries(x, axis):
    """How many entries each result is reduced from."""
    return x.size if axis is None else x.shape[axis]


def inputs_over(axis=-1, **options):
    """The input of a reduction: R is reduced, and S too where all is; along the last axis, the first, or the second."""
    return (real("x", {-1: "*S R", 0: "R *S", 1: "N R *S", "all": "R *S"}[axis]),)
