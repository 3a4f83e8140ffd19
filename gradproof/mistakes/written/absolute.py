"""Subjects of absolute."""

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x):
    return each(lambda v: v if v > 0 else -v, x)


def forward(x):
    return np.abs(x), x


def backward(dy, x):
    return (dy * np.sign(x),)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_sign_forgotten(dy, x):
    return (dy.copy(),)


def backward_quotient(dy, x):
    return (dy * (x / np.abs(x)),)


def backward_epsilon(dy, x):
    return (dy * x / (np.abs(x) + 1e-8),)


def backward_times_x(dy, x):
    return (dy * x,)


def forward_turned_around(x):
    return -np.abs(x), x


WRONG = [
    Wrong("sign-forgotten", "dropped term", forward, backward_sign_forgotten, "dx"),
    Wrong(
        "zero-by-zero",
        "unstable",
        forward,
        backward_quotient,
        "dx",
        "non-finite",
        says="the derivative is x / |x|, which is 0/0 at zero",
    ),
    Wrong("epsilon-in-the-divisor", "epsilon added", forward, backward_epsilon, "dx"),
    Wrong(
        "x-instead-of-its-sign",
        "swapped",
        forward,
        backward_times_x,
        "dx",
        says="dx is multiplied by x, not by its sign",
    ),
    Wrong("turned-around", "wrong sign", forward_turned_around, backward, "y", says="y is -|x|"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_where(x):
    return np.where(x < 0, -x, x), {"negative": x < 0}


def backward_one_at_zero(dy, cache):
    return (np.where(cache["negative"], -dy, dy),)


def forward_loop(x):
    return each(lambda v: max(v, -v), x), x


UNUSUAL = [
    Unusual("one-at-zero", forward_where, backward_one_at_zero),
    Unusual("loop", forward_loop, backward),
]
