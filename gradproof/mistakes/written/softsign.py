"""Subjects of softsign."""

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x):
    return each(lambda v: v / (1 + v) if v > 0 else v / (1 - v), x)


def forward(x):
    return x / (1 + np.abs(x)), x


def backward(dy, x):
    return (dy / (1 + np.abs(x)) ** 2,)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_not_squared(dy, x):
    return (dy / (1 + np.abs(x)),)


def backward_with_a_sign(dy, x):
    return (dy * np.sign(x) / (1 + np.abs(x)) ** 2,)


def forward_root(x):
    return x / np.sqrt(1 + x * x), x


def backward_without_the_absolute_value(dy, x):
    return (dy / (1 + x) ** 2,)


WRONG = [
    Wrong("not-squared", "dropped term", forward, backward_not_squared, "dx"),
    Wrong(
        "with-a-sign",
        "wrong sign",
        forward,
        backward_with_a_sign,
        "dx",
        says="the gradient is multiplied by the sign of x",
    ),
    Wrong("root-of-squares", "wrong forward", forward_root, backward, "y", says="it is x / sqrt(1 + x^2)"),
    Wrong(
        "without-absolute-value",
        "wrong sign",
        forward,
        backward_without_the_absolute_value,
        "dx",
        says="the absolute value is left out",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_loop(x):
    return each(lambda v: v / (1 + v) if v > 0 else v / (1 - v), x), {"x": x}


def backward_reciprocal(dy, cache):
    r = 1 / (1 + np.abs(cache["x"]))
    return (dy * r * r,)


def forward_keeps_the_output(x):
    y = forward(x)[0]
    return y, y.copy()


def backward_by_the_output(dy, y):
    return (dy * (1 - np.abs(y)) ** 2,)


UNUSUAL = [
    Unusual("loop-and-reciprocal", forward_loop, backward_reciprocal),
    Unusual("in-a-dict", forward, lambda dy, x: {"dx": backward(dy, x)[0]}),
    Unusual(
        "derivative-by-the-output",
        forward_keeps_the_output,
        backward_by_the_output,
        loses="1 - |y| has lost its digits where |x| is large",
    ),
]
