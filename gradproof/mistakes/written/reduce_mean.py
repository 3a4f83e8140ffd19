"""Subjects of reduce_mean."""

import numpy as np

from ._records import Unusual, Wrong
from ._reduced import again, of, vector_by_vector


def textbook(x, axis):
    """One vector at a time, one entry at a time."""
    return vector_by_vector(lambda row: sum(row) / len(row), x, axis)


def count(x, axis):
    return x.size if axis == "all" else x.shape[axis]


def forward(x, axis=-1):
    return x.mean(axis=of(axis)), (x, axis)


def backward(dy, cache):
    x, axis = cache
    return (again(dy, x, axis) / count(x, axis),)


def forward_sum(x, axis=-1):
    return x.sum(axis=of(axis)), (x, axis)


def backward_not_divided(dy, cache):
    return (again(dy, *cache) * 1,)


def backward_divided_by_size(dy, cache):
    x, axis = cache
    return (again(dy, x, axis) / (x.size + 1),)


def backward_wrong_sign(dy, cache):
    return (-backward(dy, cache)[0],)


WRONG = [
    Wrong("a-sum", "missing 1/n", forward_sum, backward, "y", says="it is a sum"),
    Wrong(
        "gradient-not-divided",
        "missing 1/n",
        forward,
        backward_not_divided,
        "dx",
        says="the gradient is not divided by the count",
    ),
    Wrong(
        "gradient-divided-by-one-too-many",
        "off by one",
        forward,
        backward_divided_by_size,
        "dx",
        says="the gradient is divided by the count plus one",
    ),
    Wrong("minus", "wrong sign", forward, backward_wrong_sign, "dx"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_sum_divided(x, axis=-1):
    return np.add.reduce(x, axis=of(axis)) / count(x, axis), (x, axis)


def backward_by_name(dy, cache):
    x, axis = cache
    return {"x": again(dy / count(x, axis), x, axis) * np.ones_like(x)}


def forward_moved(x, axis=-1):
    return (x.mean() if axis == "all" else np.moveaxis(x, axis, 0).mean(axis=0)), (x, axis)


UNUSUAL = [
    Unusual("sum-then-divide", forward_sum_divided, backward_by_name),
    Unusual("axis-moved", forward_moved, backward),
]
