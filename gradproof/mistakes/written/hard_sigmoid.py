"""Subjects of hard_sigmoid."""

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x):
    return each(lambda v: min(max(0, v + 3), 6) / 6, x)


def forward(x):
    return np.clip(x + 3, 0, 6) / 6, x


def backward(dy, x):
    return (dy * ((x > -3) & (x < 3)) / 6,)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_a_fifth(x):
    return np.clip(0.2 * x + 0.5, 0, 1), x


def backward_a_fifth(dy, x):
    return (dy * (np.abs(x) < 2.5) * 0.2,)


def backward_mask_forgotten(dy, x):
    return (dy / 6,)


def backward_lower_bound_only(dy, x):
    return (dy * (x > -3) / 6,)


def backward_sixth_of_float32(dy, x):
    return (dy * ((x > -3) & (x < 3)) * float(np.float32(1 / 6)),)


WRONG = [
    Wrong(
        "a-fifth-of-x",
        "wrong forward",
        forward_a_fifth,
        backward_a_fifth,
        "y dx",
        says="the slope is 1/5, as in older Keras, not 1/6",
    ),
    Wrong("mask-forgotten", "dropped term", forward, backward_mask_forgotten, "dx"),
    Wrong("lower-bound-only", "wrong side", forward, backward_lower_bound_only, "dx"),
    Wrong(
        "a-sixth-of-float32",
        "float32 inside",
        forward,
        backward_sixth_of_float32,
        "dx",
        says="the slope 1/6 is held in float32",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_keeps_the_output(x):
    y = np.minimum(np.maximum(x + 3, 0), 6) / 6
    return y, {"y": y.copy(), "x": x}


def backward_inclusive(dy, cache):
    return (dy * (np.abs(cache["x"]) <= 3) / 6,)


def forward_loop(x):
    return each(lambda v: (v + 3) / 6 if -3 < v < 3 else v > 0, x), x


def backward_where(dy, x):
    return (np.where((x <= -3) | (x >= 3), 0, dy / 6),)


UNUSUAL = [
    Unusual("inclusive-bounds", forward_keeps_the_output, backward_inclusive),
    Unusual("loop", forward_loop, backward_where),
]
