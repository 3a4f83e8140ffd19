"""Subjects of hard_tanh."""

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x):
    return each(lambda v: -1 if v < -1 else 1 if v > 1 else v, x)


def forward(x):
    return np.clip(x, -1, 1), x


def backward(dy, x):
    return (dy * ((x > -1) & (x < 1)),)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_mask_forgotten(dy, x):
    return (dy.copy(),)


def backward_clips_the_cotangent(dy, x):
    return (np.clip(dy, -1, 1) * (np.abs(x) < 1),)


def forward_twice_as_wide(x):
    return np.clip(x, -2, 2), x


def backward_positive_side_only(dy, x):
    return (dy * ((x > 0) & (x < 1)),)


def backward_of_tanh(dy, x):
    return (dy * (1 - np.clip(x, -1, 1) ** 2),)


WRONG = [
    Wrong("mask-forgotten", "dropped term", forward, backward_mask_forgotten, "dx"),
    Wrong("clips-the-cotangent", "not linear", forward, backward_clips_the_cotangent, "dx"),
    Wrong("bounds-of-two", "wrong forward", forward_twice_as_wide, backward, "y", says="the bounds are -2 and 2"),
    Wrong(
        "positive-side-only",
        "wrong side",
        forward,
        backward_positive_side_only,
        "dx",
        says="the gradient passes on the positive side only",
    ),
    Wrong("derivative-of-tanh", "derivative at the output", forward, backward_of_tanh, "dx"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_minimum(x):
    y = np.minimum(np.maximum(x, -1), 1)
    return y, {"inside": y == x}


def backward_inclusive(dy, cache):
    return (np.where(cache["inside"], dy, 0),)


def forward_loop(x):
    return each(lambda v: np.sign(v) if abs(v) > 1 else v, x), x


UNUSUAL = [
    Unusual("inclusive-bounds", forward_minimum, backward_inclusive),
    Unusual("loop", forward_loop, backward),
]
