"""Subjects of spatial_dropout, with the mask of channels given."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(x, keep, rate):
    """One channel of one example at a time."""
    y = np.zeros_like(x)
    for n, c in np.ndindex(keep.shape):
        if keep[n, c]:
            y[n, c] = x[n, c] / (1 - rate)
    return y


def whole(x, keep):
    return keep.reshape(*keep.shape, *(1,) * (x.ndim - 2))


def forward(x, keep, rate=0.5):
    return x * whole(x, keep) / (1 - rate), (keep, rate)


def backward(dy, cache):
    keep, rate = cache
    return (dy * whole(dy, keep) / (1 - rate),)


def forward_unscaled(x, keep, rate=0.5):
    return x * whole(x, keep), (keep, rate)


def backward_unscaled(dy, cache):
    return (dy * whole(dy, cache[0]),)


def forward_first_example(x, keep, rate=0.5):
    return x * whole(x, keep[:1]) / (1 - rate), (keep, rate)


def backward_mask_forgotten(dy, cache):
    return (dy / (1 - cache[1]),)


def backward_wrong_sign(dy, cache):
    return (-backward(dy, cache)[0],)


WRONG = [
    Wrong(
        "not-scaled",
        "missing 1/n",
        forward_unscaled,
        backward_unscaled,
        "y dx",
        says="what is kept is not divided by the keep rate",
    ),
    Wrong(
        "mask-of-the-first-example",
        "one row only",
        forward_first_example,
        backward,
        "y",
        cases=20,
        says="every example uses the first one's mask",
    ),
    Wrong("gradient-not-scaled", "dropped term", forward, backward_unscaled, "dx"),
    Wrong("mask-forgotten-backwards", "dropped term", forward, backward_mask_forgotten, "dx"),
    Wrong("minus", "wrong sign", forward, backward_wrong_sign, "dx"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_transposed(x, keep, rate=0.5):
    return (x.T * keep.T / (1 - rate)).T, (keep, rate)


def backward_by_name(dy, cache):
    keep, rate = cache
    return {"dx": np.where(whole(dy, keep), dy / (1 - rate), 0 * dy)}


UNUSUAL = [
    Unusual("transposed", forward_transposed, backward),
    Unusual("where", forward, backward_by_name),
]
