"""Subjects of subtract."""

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each, summed


def textbook(x, y, broadcast):
    return each(lambda a, b: a - b, x, y)


def forward(x, y, broadcast="none"):
    return x - y, y


def backward(dz, y):
    return dz.copy(), summed(-dz, y)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_of_a_sum(dz, y):
    return dz.copy(), summed(dz, y)


def forward_turned_around(x, y, broadcast="none"):
    return y - x, y


def backward_turned_around(dz, y):
    return -dz, summed(dz, y)


def backward_negates_the_cotangent(dz, y):
    dx = dz.copy()
    np.negative(dz, out=dz)
    return dx, summed(dz, y)


def backward_not_summed(dz, y):
    return dz.copy(), -dz


def backward_absolute(dz, y):
    return np.abs(dz), summed(-np.abs(dz), y)


WRONG = [
    Wrong(
        "gradient-of-a-sum",
        "wrong sign",
        forward,
        backward_of_a_sum,
        "dy",
        says="the second input's minus is forgotten",
    ),
    Wrong("turned-around", "swapped", forward_turned_around, backward_turned_around, "z dx dy", says="it is y - x"),
    Wrong(
        "negates-the-cotangent",
        "changes in place",
        forward,
        backward_negates_the_cotangent,
        "dx",
        "mutated-cotangent",
        options={"broadcast": "none"},
        says="dy is negated in place",
    ),
    Wrong(
        "not-summed-back",
        "wrong shape",
        forward,
        backward_not_summed,
        "dy",
        "wrong-shape",
        options={"broadcast": "column"},
    ),
    Wrong(
        "size-of-the-cotangent",
        "not linear",
        forward,
        backward_absolute,
        "dx dy",
        says="the absolute value of dy is used",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_loop(x, y, broadcast="none"):
    return each(lambda a, b: a - b, x, y), y.shape


def backward_zeros_plus(dz, shape):
    dy = 0 - summed(dz, np.empty(shape, dtype=np.asarray(dz).dtype))
    return np.zeros_like(dz) + dz, dy


def forward_minus_sum(x, y, broadcast="none"):
    return -(y - x), y


UNUSUAL = [
    Unusual("loop", forward_loop, backward_zeros_plus),
    Unusual("negated-difference", forward_minus_sum, backward),
]
