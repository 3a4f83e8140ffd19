"""Subjects of variance."""

import numpy as np

from ._records import Unusual, Wrong
from ._reduced import again, of, vector_by_vector


def textbook(x, axis, correction):
    """One vector at a time, the mean first."""

    def of_one(row):
        mean = sum(row) / len(row)
        return sum((entry - mean) ** 2 for entry in row) / (len(row) - correction)

    return vector_by_vector(of_one, x, axis)


def count(x, axis):
    return x.size if axis == "all" else x.shape[axis]


def forward(x, axis=-1, correction=0):
    d = x - x.mean(axis=of(axis), keepdims=True)
    return (d * d).sum(axis=of(axis)) / (count(x, axis) - correction), (d, axis, correction)


def backward(dy, cache):
    d, axis, correction = cache
    return (again(dy, d, axis) * (2 * d) / (count(d, axis) - correction),)


def forward_one_pass(x, axis=-1, correction=0):
    n = count(x, axis)
    mean = x.sum(axis=of(axis)) / n
    y = ((x * x).sum(axis=of(axis)) - n * mean * mean) / (n - correction)
    return y, forward(x, axis, correction)[1]


def forward_correction_ignored(x, axis=-1, correction=0):
    return forward(x, axis, 0)


def forward_deviation(x, axis=-1, correction=0):
    y, cache = forward(x, axis, correction)
    return np.sqrt(y), cache


def backward_half(dy, cache):
    return (backward(dy, cache)[0] / 2,)


def backward_of_x(dy, cache):
    d, axis, correction = cache
    return (again(dy, d, axis) * (2 * d + 1) / (count(d, axis) - correction),)


def backward_wrong_n(dy, cache):
    d, axis, correction = cache
    return (again(dy, d, axis) * (2 * d) / (count(d, axis) + 1 - correction),)


WRONG = [
    Wrong(
        "mean-of-squares-less-squared-mean",
        "unstable",
        forward_one_pass,
        backward,
        "y",
        cases=30,
        says="E[x²] - E[x]² cancels where the mean is large",
    ),
    Wrong(
        "correction-ignored",
        "wrong option",
        forward_correction_ignored,
        backward,
        "y dx",
        options={"correction": 1},
        says="the correction option is ignored",
    ),
    Wrong("standard-deviation", "wrong forward", forward_deviation, backward, "y", says="the root is taken"),
    Wrong("factor-two-forgotten", "dropped term", forward, backward_half, "dx", says="the factor 2 is forgotten"),
    Wrong(
        "not-centred", "dropped term", forward, backward_of_x, "dx", says="the mean is not subtracted in the gradient"
    ),
    Wrong(
        "one-too-many", "off by one", forward, backward_wrong_n, "dx", says="the gradient is divided by one too many"
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_moved(x, axis=-1, correction=0):
    rows = x.reshape(1, -1) if axis == "all" else np.moveaxis(x, axis, -1)
    d = rows - (rows.sum(axis=-1) / rows.shape[-1])[..., None]
    y = np.einsum("...i,...i->...", d, d) / (rows.shape[-1] - correction)
    d = d.reshape(x.shape) if axis == "all" else np.moveaxis(d, -1, axis)
    return (y[0] if axis == "all" else y), (d, axis, correction)


def backward_by_name(dy, cache):
    return {"x": backward(dy, cache)[0]}


UNUSUAL = [
    Unusual("axis-moved", forward_moved, backward),
    Unusual("gradients-by-name", forward, backward_by_name),
]
