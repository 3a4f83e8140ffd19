"""Subjects of celu."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x, alpha):
    return each(lambda v: max(0, v) + min(0, alpha * (math.exp(v / alpha) - 1)), x)


def forward(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(-np.abs(x) / alpha)), (x, alpha)


def backward(dy, cache):
    x, alpha = cache
    return (np.where(x > 0, dy, dy * np.exp(-np.abs(x) / alpha)),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(-np.abs(x))), (x, alpha)


def backward_elu(dy, cache):
    x, alpha = cache
    return (np.where(x > 0, dy, dy * alpha * np.exp(-np.abs(x))),)


def backward_not_divided(dy, cache):
    return backward(dy, (cache[0], 1.0))


def backward_divided_twice(dy, cache):
    x, alpha = cache
    return (np.where(x > 0, dy, dy * np.exp(-np.abs(x) / alpha) / alpha),)


def backward_both_sides_at_zero(dy, cache):
    x, _ = cache
    return (backward(dy, cache)[0] + dy * (x == 0),)


def backward_zero_at_zero(dy, cache):
    x, _ = cache
    return (backward(dy, cache)[0] * (x != 0),)


WRONG = [
    Wrong("elu", "wrong forward", forward_elu, backward_elu, "y dx"),
    Wrong(
        "not-divided-by-alpha",
        "wrong option",
        forward,
        backward_not_divided,
        "dx",
        says="the exponent of the backward is not divided by alpha",
    ),
    Wrong(
        "divided-twice",
        "wrong option",
        forward,
        backward_divided_twice,
        "dx",
        says="the slope is divided by alpha once more",
    ),
    Wrong(
        "both-sides-at-zero",
        "wrong side",
        forward,
        backward_both_sides_at_zero,
        "dx",
        cases=20,
        says="at zero the slopes of both sides are added",
    ),
    Wrong("zero-at-zero", "wrong side", forward, backward_zero_at_zero, "dx", cases=20),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_two_ramps(x, alpha=1.0):
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha), {"x": x, "alpha": alpha}


def backward_one_exponential(dy, cache):
    return (dy * np.exp(np.minimum(cache["x"], 0) / cache["alpha"]),)


def forward_loop(x, alpha=1.0):
    return each(lambda v: v if v >= 0 else alpha * np.expm1(v / alpha), x), (x, alpha)


UNUSUAL = [
    Unusual("two-ramps", forward_two_ramps, backward_one_exponential),
    Unusual("loop", forward_loop, backward),
]
