"""Subjects of exp."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x):
    return each(math.exp, x)


def forward(x):
    return np.exp(x), x


def backward(dy, x):
    return (dy * np.exp(x),)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_identity(dy, x):
    return (dy.copy(),)


def backward_power_rule(dy, x):
    return (dy * x * np.exp(x - 1),)


def forward_base_two(x):
    return np.exp2(x), x


def forward_in_float32(x):
    return np.exp(x.astype(np.float32)).astype(x.dtype), x


def backward_ignores_upstream(dy, x):
    return (np.exp(x),)


WRONG = [
    Wrong(
        "identity",
        "dropped term",
        forward,
        backward_identity,
        "dx",
        says="the upstream gradient is passed on unchanged",
    ),
    Wrong("power-rule", "off by one", forward, backward_power_rule, "dx", says="the power rule is used: x exp(x - 1)"),
    Wrong("base-two", "wrong base", forward_base_two, backward, "y"),
    Wrong("in-float32", "float32 inside", forward_in_float32, backward, "y"),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dx", "not-linear"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_keeps_the_output(x):
    y = np.exp(x)
    return y, {"y": y.copy()}


def backward_by_the_output(dy, cache):
    return cache["y"] * dy


def forward_loop(x):
    return each(math.exp, x), x


UNUSUAL = [
    Unusual("by-the-output", forward_keeps_the_output, backward_by_the_output),
    Unusual("loop", forward_loop, backward),
]
