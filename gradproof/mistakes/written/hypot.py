"""Subjects of hypot."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each, summed


def textbook(x, y, broadcast):
    return each(lambda a, b: math.sqrt(a * a + b * b), x, y)


def forward(x, y, broadcast="none"):
    return np.hypot(x, y), (x, y)


def backward(dz, cache):
    x, y = cache
    z = np.hypot(x, y)
    return dz * (x / z), summed(dz * (y / z), y)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_squares(x, y, broadcast="none"):
    return np.sqrt(x * x + y * y), (x, y)


def backward_signs_lost(dz, cache):
    x, y = cache
    return backward(dz, (np.abs(x), np.abs(y)))


def backward_swapped(dz, cache):
    x, y = cache
    z = np.hypot(x, y)
    return dz * (y / z), summed(dz * (x / z), y)


def backward_not_divided(dz, cache):
    x, y = cache
    return dz * x, summed(dz * y, y)


def backward_larger_takes_all_at_a_tie(dz, cache):
    x, y = cache
    tie = np.abs(x) == np.abs(y)
    dx = dz * (x / np.hypot(x, y))
    dy = dz * (y / np.hypot(x, y))
    return np.where(tie, 2 * dx, dx), summed(np.where(tie, 0, dy), y)


def forward_sum_of_sizes(x, y, broadcast="none"):
    return np.abs(x) + np.abs(y), (x, y)


NONE = {"broadcast": "none"}
WRONG = [
    Wrong(
        "squares",
        "unstable",
        forward_squares,
        backward,
        "z",
        status="inaccurate",
        cases=24,
        says="x^2 + y^2 overflows or underflows where the result would not",
    ),
    Wrong(
        "signs-lost",
        "wrong sign",
        forward,
        backward_signs_lost,
        "dx dy",
        says="the signs of x and y are lost in the gradients",
    ),
    Wrong("swapped", "swapped", forward, backward_swapped, "dx dy"),
    Wrong(
        "not-divided", "dropped term", forward, backward_not_divided, "dx dy", says="the gradients are not divided by z"
    ),
    Wrong(
        "larger-takes-all-at-a-tie",
        "wrong side",
        forward,
        backward_larger_takes_all_at_a_tie,
        "dx dy",
        options=NONE,
        cases=24,
        says="where both are equal, one gets all of the gradient",
    ),
    Wrong("sum-of-sizes", "wrong forward", forward_sum_of_sizes, backward, "z"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_complex(x, y, broadcast="none"):
    z = np.abs(x + 1j * y)
    return z, {"x": x, "y": y, "z": z.copy()}


def backward_by_the_length(dz, cache):
    z = cache["z"]
    return dz * (cache["x"] / z), summed(dz * (cache["y"] / z), cache["y"])


def forward_loop(x, y, broadcast="none"):
    return each(lambda a, b: math.hypot(a, b), x, y), (x, y)


UNUSUAL = [
    Unusual("complex-absolute-value", forward_complex, backward_by_the_length),
    Unusual("loop", forward_loop, backward),
]
