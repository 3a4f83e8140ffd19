"""Subjects of power."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each, summed


def textbook(x, y, broadcast):
    return each(lambda a, b: math.exp(b * math.log(a)), x, y)


def forward(x, y, broadcast="none"):
    return x**y, (x, y)


def backward(dz, cache):
    x, y = cache
    return dz * y * x ** (y - 1), summed(dz * x**y * np.log(x), y)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_exponent_not_lowered(dz, cache):
    x, y = cache
    return dz * y * x**y, backward(dz, cache)[1]


def backward_without_the_logarithm(dz, cache):
    x, y = cache
    return backward(dz, cache)[0], summed(dz * x**y, y)


def backward_base_two(dz, cache):
    x, y = cache
    return backward(dz, cache)[0], summed(dz * x**y * np.log2(x), y)


def forward_turned_around(x, y, broadcast="none"):
    return np.abs(y) ** x, (x, y)


def backward_without_y(dz, cache):
    x, y = cache
    return dz * x ** (y - 1), backward(dz, cache)[1]


WRONG = [
    Wrong("exponent-not-lowered", "off by one", forward, backward_exponent_not_lowered, "dx"),
    Wrong(
        "without-the-logarithm",
        "dropped term",
        forward,
        backward_without_the_logarithm,
        "dy",
        says="dy lacks the factor ln x",
    ),
    Wrong("base-two", "wrong base", forward, backward_base_two, "dy"),
    Wrong("turned-around", "swapped", forward_turned_around, backward, "z", says="base and exponent are swapped"),
    Wrong("without-y", "dropped term", forward, backward_without_y, "dx", says="the factor y is left out of dx"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_keeps_the_power(x, y, broadcast="none"):
    z = np.power(x, y)
    return z, {"x": x, "y": y, "z": z.copy()}


def backward_by_the_power(dz, cache):
    x, y, z = cache["x"], cache["y"], cache["z"]
    return dz * y * (z / x), summed(dz * (z * np.log(x)), y)


def forward_loop(x, y, broadcast="none"):
    return each(lambda a, b: a**b, x, y), (x, y)


UNUSUAL = [
    Unusual("by-the-power-kept", forward_keeps_the_power, backward_by_the_power),
    Unusual("loop", forward_loop, backward),
]
