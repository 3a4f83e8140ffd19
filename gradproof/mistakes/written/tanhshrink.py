"""Subjects of tanhshrink."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x):
    return each(lambda v: v - math.tanh(v), x)


def forward(x):
    return x - np.tanh(x), x


def backward(dy, x):
    return (dy * np.tanh(x) ** 2,)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_turned_around(x):
    return np.tanh(x) - x, x


def backward_turned_around(dy, x):
    return (-dy * np.tanh(x) ** 2,)


def backward_of_tanh(dy, x):
    return (dy * (1 - np.tanh(x) ** 2),)


def backward_not_squared(dy, x):
    return (dy * np.tanh(x),)


def backward_of_the_output(dy, x):
    return (dy * (x - np.tanh(x)) ** 2,)


WRONG = [
    Wrong(
        "turned-around", "wrong sign", forward_turned_around, backward_turned_around, "y dx", says="it is tanh(x) - x"
    ),
    Wrong("derivative-of-tanh", "dropped term", forward, backward_of_tanh, "dx"),
    Wrong("not-squared", "dropped term", forward, backward_not_squared, "dx"),
    Wrong(
        "output-squared",
        "derivative at the output",
        forward,
        backward_of_the_output,
        "dx",
        says="the output is squared where tanh must be",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_keeps_tanh(x):
    t = np.tanh(x)
    return x - t, {"t": t}


def backward_product(dy, cache):
    return (cache["t"] * dy * cache["t"],)


def forward_loop(x):
    return each(lambda v: v - np.tanh(v), x), x


def backward_one_minus(dy, x):
    return (dy * (1 - (1 - np.tanh(x) ** 2)),)


UNUSUAL = [
    Unusual("tanh-kept", forward_keeps_tanh, backward_product),
    Unusual("loop", forward_loop, backward),
    Unusual("one-minus-its-derivative", forward, backward_one_minus, loses="1 - tanh^2 rounds to 1 near zero"),
]
