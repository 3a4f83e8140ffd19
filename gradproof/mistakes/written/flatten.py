"""Subjects of flatten: every example as one row."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(x):
    """One example at a time."""
    y = np.zeros((len(x), math.prod(x.shape[1:])), dtype=x.dtype)
    for n, example in enumerate(x):
        y[n] = list(example.flat) if x.ndim > 1 else example
    return y


def forward(x):
    return textbook(x), x.shape


def backward(dy, shape):
    return np.array(dy).reshape(shape)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_last_axis_slowest(dy, shape):
    return np.array(dy).reshape(shape[0], *shape[:0:-1]).transpose(0, *range(len(shape) - 1, 0, -1)).copy()


def backward_as_it_is(dy, _):
    return dy.copy()


def backward_view(dy, shape):
    return dy.reshape(shape)


def backward_wrong_sign(dy, shape):
    return -np.reshape(dy, shape)


def forward_view(x):
    return x.reshape(len(x), math.prod(x.shape[1:])), x.shape


WRONG = [
    Wrong(
        "other-order",
        "transposed",
        forward,
        backward_last_axis_slowest,
        "dx",
        cases=18,
        says="dx is filled in another order than y was read",
    ),
    Wrong("still-flat", "wrong shape", forward, backward_as_it_is, "dx", "wrong-shape", says="dx is still flat"),
    Wrong(
        "dx-a-view",
        "aliasing",
        forward,
        backward_view,
        "dx",
        "alias",
        says="dx is a view of dy, not an array of its own",
    ),
    Wrong(
        "y-a-view", "aliasing", forward_view, backward, "y", "alias", says="y is a view of x, not an array of its own"
    ),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dx"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_stacked(x):
    size = math.prod(x.shape[1:])
    rows = [x[n : n + 1].reshape(1, size) for n in range(len(x))]
    return np.concatenate([np.zeros((0, size), dtype=x.dtype), *rows]), x.shape


def backward_split(dy, shape):
    dx = np.zeros(shape, dtype=dy.dtype)
    for n, row in enumerate(dy):
        dx[n] = row.reshape(shape[1:])
    return dx


UNUSUAL = [
    Unusual("example-by-example", forward, backward),
    Unusual("split-into-rows", forward_stacked, backward_split),
]
