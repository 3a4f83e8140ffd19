"""Subjects of logsumexp."""

import numpy as np

from ._records import LOGSUMEXP, Unusual, Wrong
from ._reduced import again, of, vector_by_vector


def textbook(x, axis):
    """The definition, one vector at a time."""
    return vector_by_vector(lambda row: np.log(sum(np.exp(entry) for entry in row)), x, axis)


def forward(x, axis=-1):
    top = x.max(axis=of(axis), keepdims=True)
    e = np.exp(x - top)
    total = e.sum(axis=of(axis), keepdims=True)
    return (top + np.log(total)).sum(axis=of(axis)), (e / total, axis)


def backward(dy, cache):
    p, axis = cache
    return (again(dy, p, axis) * p,)


def forward_no_shift(x, axis=-1):
    return np.log(np.exp(x).sum(axis=of(axis))), forward(x, axis)[1]


def forward_base_two(x, axis=-1):
    y, cache = forward(x, axis)
    return y / np.log(2.0), cache


def forward_mean(x, axis=-1):
    y, cache = forward(x, axis)
    return y - np.log(1.0 * (x.size if axis == "all" else x.shape[axis])), cache


def backward_to_the_largest(dy, cache):
    p, axis = cache
    return (again(dy, p, axis) * (p == p.max(axis=of(axis), keepdims=True)),)


def backward_ones(dy, cache):
    return (again(dy, *cache) * 1,)


def backward_ignores(dy, cache):
    return (cache[0] * 1,)


WRONG = [
    Wrong(
        "no-shift",
        "unstable",
        forward_no_shift,
        backward,
        "y",
        says="the largest entry is not subtracted, so exp overflows",
    ),
    Wrong("base-two", "wrong base", forward_base_two, backward, "y"),
    Wrong(
        "log-mean-exp", "wrong n", forward_mean, backward, "y", says="it is the logarithm of the mean, not of the sum"
    ),
    Wrong(
        "gradient-of-the-maximum",
        "dropped term",
        forward,
        backward_to_the_largest,
        "dx",
        besides="y",
        says="the largest entry gets all of the gradient",
    ),
    Wrong(
        "gradient-of-the-sum",
        "dropped term",
        forward,
        backward_ones,
        "dx",
        besides="y",
        says="every entry gets the whole gradient",
    ),
    Wrong(
        "softmax-alone",
        "ignores upstream",
        forward,
        backward_ignores,
        "dx",
        besides="y",
        says="the softmax is returned without the upstream gradient",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_log1p(x, axis=-1):
    rows = x.reshape(1, -1) if axis == "all" else np.moveaxis(x, axis, -1)
    order = np.argsort(rows, axis=-1)
    ordered = np.take_along_axis(rows, order, axis=-1)
    rest = np.exp(ordered[..., :-1] - ordered[..., -1:]).sum(axis=-1)
    y = ordered[..., -1] + np.log1p(rest)
    p = np.exp(rows - ordered[..., -1:]) / (1 + rest)[..., None]
    p = p.reshape(x.shape) if axis == "all" else np.moveaxis(p, -1, axis)
    return (y[0] if axis == "all" else y), (p, axis)


def forward_max_and_log(x, axis=-1):
    return forward(x, axis)


def backward_by_name(dy, cache):
    return {"x": backward(dy, cache)[0]}


UNUSUAL = [
    Unusual("sorted", forward_log1p, backward_by_name),
    Unusual("log-of-the-sum", forward_max_and_log, backward, cases=60, loses=LOGSUMEXP),
]
