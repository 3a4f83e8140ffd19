"""Subjects of silu."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x):
    return each(lambda v: v / (1 + math.exp(-v)), x)


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def forward(x):
    return x * sigmoid(x), x


def backward(dy, x):
    return (dy * sigmoid(x) * (1 + x * sigmoid(-x)),)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_sigmoid_only(dy, x):
    return (dy * sigmoid(x),)


def backward_wrong_sign(dy, x):
    return (dy * sigmoid(x) * (1 - x * sigmoid(-x)),)


def forward_steeper(x):
    return x * sigmoid(1.702 * x), x


def backward_ignores_upstream(dy, x):
    return backward(np.ones_like(dy), x)


def forward_keeps_the_output(x):
    y = x * sigmoid(x)
    return y, y.copy()


WRONG = [
    Wrong("sigmoid-only", "dropped term", forward, backward_sigmoid_only, "dx", says="the term x sigmoid' is left out"),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dx"),
    Wrong("sigmoid-of-1.702-x", "wrong forward", forward_steeper, backward, "y"),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dx", "not-linear"),
    Wrong(
        "at-the-output",
        "derivative at the output",
        forward_keeps_the_output,
        backward,
        "dx",
        says="the derivative is taken at the output",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_quotient(x):
    return x / (1 + np.exp(-x)), {"x": x}


def backward_loop(dy, cache):
    return (each(lambda v, d: backward(d, v)[0], cache["x"], dy),)


def backward_by_the_output(dy, cache):
    x, y = cache
    return (dy * (y + sigmoid(x) * (1 - y)),)


def forward_keeps_both(x):
    y = x * sigmoid(x)
    return y, (x, y.copy())


UNUSUAL = [
    Unusual("quotient-and-loop", forward_quotient, backward_loop),
    Unusual("product-kept", forward_keeps_both, lambda dy, cache: backward(dy, cache[0])),
    Unusual(
        "derivative-by-the-output",
        forward_keeps_both,
        backward_by_the_output,
        loses="y and s (1 - y) cancel where x is large",
    ),
]
