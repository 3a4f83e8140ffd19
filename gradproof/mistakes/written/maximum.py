"""Subjects of maximum."""

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each, summed


def textbook(x, y, broadcast):
    return each(lambda a, b: max(a, b), x, y)


def forward(x, y, broadcast="none"):
    return np.maximum(x, y), (x, y)


def backward(dz, cache):
    x, y = cache
    return dz * (x >= y), summed(dz * (x < y), y)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_of_a_sum(dz, cache):
    _, y = cache
    return dz.copy(), summed(dz, y)


def backward_swapped(dz, cache):
    x, y = cache
    return dz * (x < y), summed(dz * (x >= y), y)


def forward_minimum(x, y, broadcast="none"):
    return np.minimum(x, y), (x, y)


def backward_masked_by_the_cotangent(dz, cache):
    dx, dy = backward(dz, cache)
    return dx * (dz > 0), dy


def backward_not_summed(dz, cache):
    x, y = cache
    return dz * (x >= y), dz * (x < y)


def backward_both_halves(dz, cache):
    _, y = cache
    return dz / 2, summed(dz / 2, y)


WRONG = [
    Wrong("gradient-of-a-sum", "dropped term", forward, backward_of_a_sum, "dx dy"),
    Wrong("swapped", "swapped", forward, backward_swapped, "dx dy"),
    Wrong("minimum", "wrong forward", forward_minimum, backward, "z"),
    Wrong("masked-by-the-cotangent", "not linear", forward, backward_masked_by_the_cotangent, "dx"),
    Wrong(
        "not-summed-back",
        "wrong shape",
        forward,
        backward_not_summed,
        "dy",
        "wrong-shape",
        options={"broadcast": "row"},
    ),
    Wrong("half-each-everywhere", "wrong side", forward, backward_both_halves, "dx dy"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_loop(x, y, broadcast="none"):
    return each(lambda a, b: a if a > b else b, x, y), {"first": x > y, "y": y}


def backward_second_at_a_tie(dz, cache):
    return np.where(cache["first"], dz, 0), summed(np.where(cache["first"], 0, dz), cache["y"])


def backward_half_each_at_a_tie(dz, cache):
    x, y = cache
    share = np.where(x == y, 0.5, x > y).astype(np.asarray(dz).dtype)
    return dz * share, summed(dz * (1 - share), y)


UNUSUAL = [
    Unusual("loop-and-the-second-at-a-tie", forward_loop, backward_second_at_a_tie),
    Unusual("half-each-at-a-tie", forward, backward_half_each_at_a_tie),
]
