"""Subjects of inverted_dropout, with the mask given."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(x, keep, rate):
    """One entry at a time."""
    kept = [entry / (1 - rate) if stays else 0.0 for entry, stays in zip(x.flat, keep.flat, strict=True)]
    return np.array(kept).reshape(x.shape)


def forward(x, keep, rate=0.5):
    return x * keep / (1 - rate), (keep, rate)


def backward(dy, cache):
    keep, rate = cache
    return (dy * keep / (1 - rate),)


def forward_unscaled(x, keep, rate=0.5):
    return x * keep, (keep, rate)


def backward_unscaled(dy, cache):
    return (dy * cache[0],)


def forward_divides_by_rate(x, keep, rate=0.5):
    return x * keep / rate, (keep, 1 - rate)


def backward_scaled_twice(dy, cache):
    keep, rate = cache
    return (dy * keep / (1 - rate) / (1 - rate),)


def backward_mask_forgotten(dy, cache):
    return (dy / (1 - cache[1]),)


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
        "divided-by-the-rate",
        "wrong option",
        forward_divides_by_rate,
        backward,
        "y dx",
        options={"rate": 0.2},
        says="it is divided by the drop rate, not by the keep rate",
    ),
    Wrong("gradient-not-scaled", "dropped term", forward, backward_unscaled, "dx"),
    Wrong(
        "gradient-scaled-twice",
        "wrong n",
        forward,
        backward_scaled_twice,
        "dx",
        says="the gradient is divided by the keep rate twice",
    ),
    Wrong("mask-forgotten-backwards", "dropped term", forward, backward_mask_forgotten, "dx"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_where(x, keep, rate=0.5):
    return np.where(keep, x / (1 - rate), x * 0), (keep, rate)


def forward_factor(x, keep, rate=0.5):
    return (x * (1 / (1 - rate))) * keep, (keep, rate)


def backward_by_name(dy, cache):
    keep, rate = cache
    return {"x": np.where(keep, dy, 0 * dy) * (1 / (1 - rate))}


UNUSUAL = [
    Unusual("where", forward_where, backward),
    Unusual("times-the-reciprocal", forward_factor, backward_by_name),
]
