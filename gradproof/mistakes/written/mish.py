"""Subjects of mish."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x):
    return each(lambda v: v * math.tanh(math.log(1 + math.exp(v))), x)


def parts(x):
    """tanh(softplus(x)), its derivative by softplus, and the sigmoid."""
    e = np.exp(-np.abs(x))
    t = np.tanh(np.maximum(x, 0) + np.log1p(e))
    up, down = 1 + 2 * e * (1 + e), e * (2 + e) + 2
    bend = np.where(x >= 0, 4 * e * e * (1 + e) ** 2 / up**2, 4 * (1 + e) ** 2 / down**2)
    return t, bend, np.where(x >= 0, 1, e) / (1 + e)


def forward(x):
    return x * parts(x)[0], x


def backward(dy, x):
    t, bend, s = parts(x)
    return (dy * (t + x * bend * s),)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_tanh_only(dy, x):
    return (dy * parts(x)[0],)


def backward_without_the_sigmoid(dy, x):
    t, bend, _ = parts(x)
    return (dy * (t + x * bend),)


def forward_log_of_one_plus_exp(x):
    return x * np.tanh(np.log(1 + np.exp(x))), x


def forward_silu(x):
    return x * parts(x)[2], x


def backward_adds_to_the_cotangent(dy, x):
    dx = backward(dy, x)[0]
    dy += dx
    return (dx,)


WRONG = [
    Wrong("tanh-only", "dropped term", forward, backward_tanh_only, "dx", says="the term x tanh' is left out"),
    Wrong(
        "without-the-sigmoid",
        "dropped term",
        forward,
        backward_without_the_sigmoid,
        "dx",
        says="the factor sigmoid(x) is left out",
    ),
    Wrong("log-of-one-plus-exp", "unstable", forward_log_of_one_plus_exp, backward, "y", status="inaccurate"),
    Wrong("silu", "wrong forward", forward_silu, backward, "y", says="it is SiLU"),
    Wrong("into-the-cotangent", "changes in place", forward, backward_adds_to_the_cotangent, "dx", "mutated-cotangent"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_loop(x):
    return each(lambda v: v * np.tanh(np.logaddexp(v, 0)), x), {"x": x}


def backward_loop(dy, cache):
    return (each(lambda v, d: backward(d, v)[0], cache["x"], dy),)


def forward_logaddexp(x):
    return x * np.tanh(np.logaddexp(x, 0)), x


UNUSUAL = [
    Unusual("loop", forward_loop, backward_loop),
    Unusual("logaddexp", forward_logaddexp, backward),
]
