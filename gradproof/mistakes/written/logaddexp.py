"""Subjects of logaddexp."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each, summed


def textbook(x, y, broadcast):
    return each(lambda a, b: math.log(math.exp(a) + math.exp(b)), x, y)


def sigmoid(d):
    e = np.exp(-np.abs(d))
    return np.where(d >= 0, 1, e) / (1 + e)


def forward(x, y, broadcast="none"):
    return np.maximum(x, y) + np.log1p(np.exp(-np.abs(x - y))), (x, y)


def backward(dz, cache):
    x, y = cache
    return dz * sigmoid(x - y), summed(dz * sigmoid(y - x), y)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_exponentials(x, y, broadcast="none"):
    return np.log(np.exp(x) + np.exp(y)), (x, y)


def backward_swapped(dz, cache):
    x, y = cache
    return dz * sigmoid(y - x), summed(dz * sigmoid(x - y), y)


def backward_first_at_a_tie(dz, cache):
    x, y = cache
    share = np.where(x == y, 1, sigmoid(x - y)).astype(np.asarray(dz).dtype)
    rest = np.where(x == y, 0, sigmoid(y - x)).astype(np.asarray(dz).dtype)
    return dz * share, summed(dz * rest, y)


def forward_maximum(x, y, broadcast="none"):
    return np.maximum(x, y), (x, y)


def forward_base_two(x, y, broadcast="none"):
    return np.logaddexp2(x, y), (x, y)


def backward_not_summed(dz, cache):
    x, y = cache
    return dz * sigmoid(x - y), dz * sigmoid(y - x)


NONE = {"broadcast": "none"}
WRONG = [
    Wrong(
        "log-of-exponentials",
        "unstable",
        forward_exponentials,
        backward,
        "z",
        "non-finite",
        says="exp overflows before the logarithm is taken",
    ),
    Wrong("swapped", "swapped", forward, backward_swapped, "dx dy"),
    Wrong(
        "first-at-a-tie",
        "wrong side",
        forward,
        backward_first_at_a_tie,
        "dx dy",
        options=NONE,
        cases=20,
        says="where both are equal, the first gets all of the gradient",
    ),
    Wrong("maximum", "wrong forward", forward_maximum, backward, "z"),
    Wrong("base-two", "wrong base", forward_base_two, backward, "z"),
    Wrong(
        "not-summed-back",
        "wrong shape",
        forward,
        backward_not_summed,
        "dy",
        "wrong-shape",
        options={"broadcast": "column"},
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_own(x, y, broadcast="none"):
    return np.logaddexp(x, y), {"d": x - y, "y": y}


def backward_reciprocals(dz, cache):
    d = cache["d"]
    return dz / (1 + np.exp(-d)), summed(dz / (1 + np.exp(d)), cache["y"])


def forward_loop(x, y, broadcast="none"):
    return each(lambda a, b: max(a, b) + np.log1p(np.exp(min(a, b) - max(a, b))), x, y), (x, y)


UNUSUAL = [
    Unusual("logaddexp-and-reciprocals", forward_own, backward_reciprocals),
    Unusual("loop", forward_loop, backward),
]
