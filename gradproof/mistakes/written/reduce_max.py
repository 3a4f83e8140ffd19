"""Subjects of reduce_max."""

import numpy as np

from ._records import Unusual, Wrong
from ._reduced import again, of, vector_by_vector


def textbook(x, axis):
    """One vector at a time."""
    return vector_by_vector(lambda row: sorted(row)[-1], x, axis)


def forward(x, axis=-1):
    y = x.max(axis=of(axis))
    return y, (x, y, axis)


def backward(dy, cache):
    x, y, axis = cache
    hit = x == again(y, x, axis)
    return (again(dy, x, axis) * hit / (hit + 0 * x).sum(axis=of(axis), keepdims=True),)


def forward_min(x, axis=-1):
    y = x.min(axis=of(axis))
    return y, (x, y, axis)


def forward_magnitude(x, axis=-1):
    y = np.abs(x).max(axis=of(axis))
    return y, (np.abs(x), y, axis)


def backward_of_everything(dy, cache):
    return (again(dy, cache[0], cache[2]) * 1,)


def backward_next(dy, cache):
    axis = cache[2]
    return (np.roll(backward(dy, cache)[0], 1, axis=of(axis)),)


def backward_doubled(dy, cache):
    return (2 * backward(dy, cache)[0],)


WRONG = [
    Wrong("minimum", "wrong forward", forward_min, backward, "y dx"),
    Wrong(
        "largest-magnitude", "wrong forward", forward_magnitude, backward, "y dx", says="the largest magnitude is taken"
    ),
    Wrong(
        "gradient-to-all",
        "dropped term",
        forward,
        backward_of_everything,
        "dx",
        says="every entry gets the whole gradient",
    ),
    Wrong(
        "gradient-to-the-next",
        "off by one",
        forward,
        backward_next,
        "dx",
        says="the gradient goes to the entry after the largest",
    ),
    Wrong("gradient-doubled", "constant slightly off", forward, backward_doubled, "dx", says="the gradient is doubled"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_argmax(x, axis=-1):
    rows = x.reshape(1, -1) if axis == "all" else np.moveaxis(x, axis, -1)
    at = np.argmax(rows, axis=-1)[..., None]
    y = np.take_along_axis(rows, at, axis=-1)[..., 0]
    hit = np.arange(rows.shape[-1]) == at
    hit = hit.reshape(x.shape) if axis == "all" else np.moveaxis(hit, -1, axis)
    return (y[0] if axis == "all" else y), (hit, axis)


def backward_one_index(dy, cache):
    hit, axis = cache
    return (again(dy, hit, axis) * hit,)


def backward_by_name(dy, cache):
    return {"dx": backward(dy, cache)[0]}


UNUSUAL = [
    Unusual("first-of-the-largest", forward_argmax, backward_one_index),
    Unusual("gradients-by-name", forward, backward_by_name),
]
