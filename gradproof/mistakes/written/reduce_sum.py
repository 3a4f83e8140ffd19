"""Subjects of reduce_sum."""

import numpy as np

from ._records import Unusual, Wrong
from ._reduced import again, of, vector_by_vector


def textbook(x, axis):
    """One vector at a time, one entry at a time."""
    return vector_by_vector(sum, x, axis)


def forward(x, axis=-1):
    return x.sum(axis=of(axis)), (x, axis)


def backward(dy, cache):
    x, axis = cache
    return (again(dy, x, axis) + 0 * x,)


def forward_mean(x, axis=-1):
    return x.sum(axis=of(axis)) / max(x.size if axis == "all" else x.shape[axis], 1), (x, axis)


def backward_ones(dy, cache):
    return (np.ones_like(cache[0]),)


def backward_view(dy, cache):
    return (again(dy, *cache),)


def backward_negative(dy, cache):
    return (-backward(dy, cache)[0],)


WRONG = [
    Wrong("a-mean", "missing 1/n", forward_mean, backward, "y", says="it is a mean"),
    Wrong("ones", "ignores upstream", forward, backward_ones, "dx", says="the gradient is all ones: dy is not used"),
    Wrong(
        "view-of-upstream",
        "aliasing",
        forward,
        backward_view,
        "dx",
        "alias",
        says="dx is a view of dy, not an array of its own",
    ),
    Wrong("minus", "wrong sign", forward, backward_negative, "dx"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_reduce(x, axis=-1):
    return np.add.reduce(x, axis=of(axis)), (x, axis)


def backward_by_name(dy, cache):
    x, axis = cache
    return {"dx": np.ones_like(x) * again(dy, x, axis)}


def forward_moved(x, axis=-1):
    return (x.sum() if axis == "all" else np.moveaxis(x, axis, 0).sum(axis=0)), (x, axis)


UNUSUAL = [
    Unusual("add-reduce", forward_reduce, backward_by_name),
    Unusual("axis-moved", forward_moved, backward),
]
