"""Subjects of selu."""

import math

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each

ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805


def textbook(x):
    return each(lambda v: SCALE * v if v > 0 else SCALE * ALPHA * (math.exp(v) - 1), x)


def forward(x, alpha=ALPHA, scale=SCALE):
    return scale * np.where(x > 0, x, alpha * np.expm1(-np.abs(x))), x


def backward(dy, x, alpha=ALPHA, scale=SCALE):
    return (scale * np.where(x > 0, dy, dy * alpha * np.exp(-np.abs(x))),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_plain_elu(x):
    return forward(x, 1.0, 1.0)


def backward_plain_elu(dy, x):
    return backward(dy, x, 1.0, 1.0)


def forward_five_digits(x):
    return forward(x, 1.67326, 1.0507)


def backward_five_digits(dy, x):
    return backward(dy, x, 1.67326, 1.0507)


def backward_without_alpha(dy, x):
    return backward(dy, x, 1.0)


def forward_exp_minus_one(x):
    return SCALE * np.where(x > 0, x, ALPHA * (np.exp(np.minimum(x, 0)) - 1)), x


def backward_positive_where_the_output_rounds_to_zero(dy, x):
    y = forward_exp_minus_one(x)[0]
    return (np.where(y < 0, dy * SCALE * ALPHA * np.exp(-np.abs(x)), dy * SCALE),)


WRONG = [
    Wrong("elu", "wrong forward", forward_plain_elu, backward_plain_elu, "y dx"),
    Wrong(
        "five-digits",
        "constant slightly off",
        forward_five_digits,
        backward_five_digits,
        "y dx",
        says="the constants have five digits",
    ),
    Wrong(
        "alpha-forgotten", "dropped term", forward, backward_without_alpha, "dx", says="the backward leaves alpha out"
    ),
    Wrong("exp-minus-one", "unstable", forward_exp_minus_one, backward, "y", status="inaccurate"),
    Wrong(
        "side-by-the-output",
        "wrong side",
        forward,
        backward_positive_where_the_output_rounds_to_zero,
        "dx",
        says="the backward chooses the side by a mistaken threshold of the output",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_masked(x):
    y = SCALE * x
    y[x < 0] = SCALE * ALPHA * np.expm1(x[x < 0])
    return y, {"x": x}


def backward_loop(dy, cache):
    return (each(lambda v, d: SCALE * d if v >= 0 else SCALE * ALPHA * np.exp(v) * d, cache["x"], dy),)


def forward_two_ramps(x):
    return SCALE * np.maximum(x, 0) + SCALE * ALPHA * np.expm1(np.minimum(x, 0)), x


def forward_masked_in_an_array(x):
    y, kept = forward_masked(np.atleast_1d(x))
    return y.reshape(x.shape), {"x": kept["x"].reshape(x.shape)}


UNUSUAL = [
    Unusual("masks-and-one-at-zero", forward_masked_in_an_array, backward_loop),
    Unusual("two-ramps", forward_two_ramps, backward),
]
