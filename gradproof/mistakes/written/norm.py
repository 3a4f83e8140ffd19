"""Subjects of norm."""

import numpy as np

from ._records import Unusual, Wrong
from ._reduced import again, of, vector_by_vector


def textbook(x, axis):
    """The definition, one vector at a time."""
    return vector_by_vector(lambda row: np.sqrt(sum(entry * entry for entry in row)), x, axis)


def forward(x, axis=-1):
    size = np.abs(x).max(axis=of(axis), keepdims=True)
    size = size + (size == 0)
    part = x / size
    root = np.sqrt((part * part).sum(axis=of(axis), keepdims=True))
    return (size * root).sum(axis=of(axis)), (part / (root + (root == 0)), axis)


def backward(dy, cache):
    unit, axis = cache
    return (again(dy, unit, axis) * unit,)


def forward_plain(x, axis=-1):
    return np.sqrt((x * x).sum(axis=of(axis))), forward(x, axis)[1]


def forward_squared(x, axis=-1):
    return (x * x).sum(axis=of(axis)), forward(x, axis)[1]


def forward_manhattan(x, axis=-1):
    return np.abs(x).sum(axis=of(axis)), forward(x, axis)[1]


def forward_epsilon(x, axis=-1):
    return np.sqrt((x * x).sum(axis=of(axis)) + 1e-6), forward(x, axis)[1]


def backward_doubled(dy, cache):
    return (2 * backward(dy, cache)[0],)


def backward_signs(dy, cache):
    unit, axis = cache
    return (again(dy, unit, axis) * np.sign(unit),)


WRONG = [
    Wrong("squares-underflow", "unstable", forward_plain, backward, "y", status="inaccurate", cases=40),
    Wrong("not-rooted", "wrong forward", forward_squared, backward, "y", says="the root is not taken"),
    Wrong("manhattan", "wrong forward", forward_manhattan, backward, "y", says="it is the sum of absolute values"),
    Wrong(
        "epsilon-in-the-root",
        "epsilon added",
        forward_epsilon,
        backward,
        "y",
        says="a small constant is added under the root",
    ),
    Wrong(
        "gradient-of-the-square",
        "dropped term",
        forward,
        backward_doubled,
        "dx",
        says="the gradient is not divided by the norm",
    ),
    Wrong("signs", "swapped", forward, backward_signs, "dx", says="the gradient is the sign of x"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_moved(x, axis=-1):
    rows = x.reshape(1, -1) if axis == "all" else np.moveaxis(x, axis, -1)
    y, (unit, _) = forward(rows, -1)
    unit = unit.reshape(x.shape) if axis == "all" else np.moveaxis(unit, -1, axis)
    return (y[0] if axis == "all" else y), (unit, axis)


def backward_by_name(dy, cache):
    return {"dx": backward(dy, cache)[0]}


UNUSUAL = [
    Unusual("axis-moved", forward_moved, backward),
    Unusual("gradients-by-name", forward, backward_by_name),
]
