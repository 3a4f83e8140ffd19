"""Subjects of log."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x):
    return each(math.log, x)


def forward(x):
    return np.log(x), x


def backward(dy, x):
    return (dy / x,)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_base_ten(x):
    return np.log10(x), x


def backward_base_ten(dy, x):
    return (dy / (x * math.log(10)),)


def forward_epsilon(x):
    return np.log(x + 1e-7), x


def backward_epsilon(dy, x):
    return (dy / (x + 1e-7),)


def backward_of_exp(dy, x):
    return (dy * np.log(x),)


def forward_keeps_the_output(x):
    y = np.log(x)
    return y, y.copy()


def backward_negative(dy, x):
    return (-dy / x,)


WRONG = [
    Wrong(
        "base-ten",
        "wrong base",
        forward_base_ten,
        backward_base_ten,
        "y dx",
        says="the logarithm is to base 10, and so is its gradient",
    ),
    Wrong("epsilon-1e-7", "epsilon added", forward_epsilon, backward_epsilon, "y dx"),
    Wrong("as-if-it-were-exp", "swapped", forward, backward_of_exp, "dx", says="the gradient is dy y, as for exp"),
    Wrong(
        "divided-by-the-output",
        "derivative at the output",
        forward_keeps_the_output,
        backward,
        "dx",
        says="it is divided by the output, not by the input",
    ),
    Wrong("negative", "wrong sign", forward, backward_negative, "dx"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_loop(x):
    return each(math.log, x), {"r": 1 / x}


def backward_reciprocal(dy, cache):
    return (dy * cache["r"],)


def forward_from_base_two(x):
    return np.log2(x) * math.log(2), x


UNUSUAL = [
    Unusual("loop-and-reciprocal", forward_loop, backward_reciprocal),
    Unusual("from-base-two", forward_from_base_two, backward),
]
