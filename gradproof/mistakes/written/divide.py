"""Subjects of divide."""

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each, summed


def textbook(x, y, broadcast):
    return each(lambda a, b: a / b, x, y)


def forward(x, y, broadcast="none"):
    return x / y, (x, y)


def backward(dz, cache):
    x, y = cache
    return dz / y, summed(-dz / y * (x / y), y)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_without_x(dz, cache):
    _, y = cache
    return dz / y, summed(-dz / y**2, y)


def backward_wrong_sign(dz, cache):
    dx, dy = backward(dz, cache)
    return dx, -dy


def backward_not_squared(dz, cache):
    x, y = cache
    return dz / y, summed(-dz * x / y, y)


def forward_epsilon(x, y, broadcast="none"):
    return x / (y + 1e-6), (x, y)


def backward_mean(dz, cache):
    dx, dy = backward(dz, cache)
    return dx, dy * (dy.size / max(1, dz.size))


def forward_positive_divisor(x, y, broadcast="none"):
    return x / np.abs(y), (x, y)


WRONG = [
    Wrong(
        "without-x",
        "dropped term",
        forward,
        backward_without_x,
        "dy",
        says="the numerator x is left out of the divisor's gradient",
    ),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dy"),
    Wrong(
        "not-squared",
        "dropped term",
        forward,
        backward_not_squared,
        "dy",
        says="the divisor is not squared in its gradient",
    ),
    Wrong("epsilon-1e-6", "epsilon added", forward_epsilon, backward, "z"),
    Wrong(
        "mean",
        "wrong n",
        forward,
        backward_mean,
        "dy",
        options={"broadcast": "scalar"},
        says="the divisor's gradient is a mean over what broadcasting added",
    ),
    Wrong(
        "size-of-the-divisor",
        "wrong forward",
        forward_positive_divisor,
        backward,
        "z",
        says="it is divided by the absolute value",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_reciprocal(x, y, broadcast="none"):
    r = 1 / y
    return x * r, {"z": x * r, "y": y}


def backward_by_the_quotient(dz, cache):
    dx = dz / cache["y"]
    return dx, summed(-(dx * cache["z"]), cache["y"])


def forward_loop(x, y, broadcast="none"):
    return each(lambda a, b: a / b, x, y), (x, y)


UNUSUAL = [
    Unusual("reciprocal-and-quotient", forward_reciprocal, backward_by_the_quotient),
    Unusual("loop", forward_loop, backward),
]
