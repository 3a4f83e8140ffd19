"""Subjects of elu."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x, alpha):
    return each(lambda v: v if v > 0 else alpha * (math.exp(v) - 1), x)


def forward(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(-np.abs(x))), (x, alpha)


def backward(dy, cache):
    x, alpha = cache
    return (np.where(x > 0, dy, dy * alpha * np.exp(-np.abs(x))),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_alpha_one(x, alpha=1.0):
    return forward(x)


def backward_without_alpha(dy, cache):
    return backward(dy, (cache[0], 1.0))


def forward_exp_minus_one(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1)), (x, alpha)


def forward_keeps_the_output(x, alpha=1.0):
    y = forward(x, alpha)[0]
    return y, (y.copy(), alpha)


def backward_output_plus_alpha(dy, cache):
    y, alpha = cache
    return (np.where(y > 0, dy, dy * (y + alpha)),)


def backward_two_at_zero(dy, cache):
    x, _ = cache
    return (np.where(x == 0, 2 * dy, backward(dy, cache)[0]),)


WRONG = [
    Wrong("alpha-ignored", "wrong option", forward_alpha_one, backward, "y dx", says="alpha is taken as 1"),
    Wrong(
        "alpha-forgotten-in-backward",
        "wrong option",
        forward,
        backward_without_alpha,
        "dx",
        says="the backward leaves alpha out",
    ),
    Wrong("exp-minus-one", "unstable", forward_exp_minus_one, backward, "y", status="inaccurate"),
    Wrong(
        "derivative-of-the-output",
        "derivative at the output",
        forward_keeps_the_output,
        backward,
        "dx",
        says="the backward takes exp of the output, not of the input",
    ),
    Wrong(
        "output-plus-alpha",
        "unstable",
        forward_keeps_the_output,
        backward_output_plus_alpha,
        "dx",
        status="inaccurate",
        says="y + alpha is used as the slope, which loses its digits for large negative x",
    ),
    Wrong("two-at-zero", "wrong side", forward, backward_two_at_zero, "dx", cases=20),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_two_ramps(x, alpha=1.0):
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0)), {"x": x, "alpha": alpha}


def backward_masked(dy, cache):
    dx, negative = dy.copy(), cache["x"] < 0
    dx[negative] *= np.exp(cache["x"][negative]) * cache["alpha"]
    return (dx,)


def forward_loop(x, alpha=1.0):
    return each(lambda v: v if v >= 0 else alpha * np.expm1(v), x), (x, alpha)


UNUSUAL = [
    Unusual("two-ramps-and-one-at-zero", forward_two_ramps, backward_masked),
    Unusual("loop", forward_loop, backward),
]
