"""What subjects of reductions share: the axis option, and cotangents that broadcast again."""

import numpy as np


def of(axis):
    """NumPy's word for the axis."""
    return None if axis == "all" else axis


def again(dy, x, axis):
    """A reduced cotangent over x's shape."""
    return np.broadcast_to(dy if axis == "all" else np.expand_dims(dy, axis), x.shape)


def vectors(x, axis):
    """Every vector that is reduced, as a list of lists, and the shape of the results."""
    if axis == "all":
        return [x.ravel().tolist()], ()
    last = np.moveaxis(x, axis, -1)
    return last.reshape(-1, last.shape[-1]).tolist(), last.shape[:-1]


def vector_by_vector(function, x, axis):
    """`function` of each vector."""
    rows, shape = vectors(x, axis)
    return np.array([function(row) for row in rows]).reshape(shape)
