"""Subjects of log_sigmoid."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x):
    return each(lambda v: -math.log(1 + math.exp(-v)), x)


def forward(x):
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))), x


def backward(dy, x):
    e = np.exp(-np.abs(x))
    return (dy * np.where(x >= 0, e, 1) / (1 + e),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_log_of_sigmoid(x):
    return np.log(1 / (1 + np.exp(-x))), x


def forward_log_instead_of_log1p(x):
    return np.minimum(x, 0) - np.log(1 + np.exp(-np.abs(x))), x


def backward_sigmoid_of_x(dy, x):
    return backward(dy, -x)


def backward_one_minus_sigmoid(dy, x):
    return (dy * (1 - 1 / (1 + np.exp(-x))),)


def forward_base_two(x):
    return forward(x)[0] / math.log(2), x


def backward_base_two(dy, x):
    return (backward(dy, x)[0] / math.log(2),)


WRONG = [
    Wrong("log-of-sigmoid", "unstable", forward_log_of_sigmoid, backward, "y", "non-finite"),
    Wrong("log-instead-of-log1p", "unstable", forward_log_instead_of_log1p, backward, "y", status="inaccurate"),
    Wrong(
        "sigmoid-of-x",
        "wrong sign",
        forward,
        backward_sigmoid_of_x,
        "dx",
        says="the gradient is sigmoid(x), not sigmoid(-x)",
    ),
    Wrong("one-minus-sigmoid", "unstable", forward, backward_one_minus_sigmoid, "dx", status="inaccurate"),
    Wrong("base-two", "wrong base", forward_base_two, backward_base_two, "y dx"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_logaddexp(x):
    return -np.logaddexp(-x, 0), {"x": x}


def backward_reciprocal(dy, cache):
    return (dy / (1 + np.exp(cache["x"])),)


def forward_loop(x):
    return each(lambda v: -np.log1p(np.exp(-v)) if v > 0 else v - np.log1p(np.exp(v)), x), x


UNUSUAL = [
    Unusual("logaddexp-and-reciprocal", forward_logaddexp, backward_reciprocal),
    Unusual("loop", forward_loop, backward),
]
