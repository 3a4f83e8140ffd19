"""Subjects of sqrt."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x):
    return each(math.sqrt, x)


def forward(x):
    return np.sqrt(x), x


def backward(dy, x):
    return (dy / (2 * np.sqrt(x)),)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_half_forgotten(dy, x):
    return (dy / np.sqrt(x),)


def backward_power_rule(dy, x):
    return (dy * np.sqrt(x) / 2,)


def forward_keeps_the_output(x):
    y = np.sqrt(x)
    return y, y.copy()


def forward_epsilon(x):
    return np.sqrt(x + 1e-6), x


def forward_in_float32(x):
    return np.sqrt(x.astype(np.float32)).astype(x.dtype), x


WRONG = [
    Wrong("half-forgotten", "dropped term", forward, backward_half_forgotten, "dx"),
    Wrong("exponent-not-lowered", "off by one", forward, backward_power_rule, "dx"),
    Wrong(
        "root-of-the-root",
        "derivative at the output",
        forward_keeps_the_output,
        backward,
        "dx",
        says="the root of the output stands where the output must",
    ),
    Wrong("epsilon-1e-6", "epsilon added", forward_epsilon, backward, "y"),
    Wrong("in-float32", "float32 inside", forward_in_float32, backward, "y"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def backward_by_the_output(dy, y):
    return (0.5 * dy / y,)


def forward_loop(x):
    return each(math.sqrt, x), {"x": x}


def backward_in_a_dict(dy, cache):
    return {"dx": dy / np.sqrt(4 * cache["x"])}


UNUSUAL = [
    Unusual("by-the-output", forward_keeps_the_output, backward_by_the_output),
    Unusual("loop-and-a-dict", forward_loop, backward_in_a_dict),
]
