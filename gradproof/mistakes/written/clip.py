"""Subjects of clip."""

import numpy as np

from ._records import Unusual, Wrong
from ._stretched import each


def textbook(x, low, high):
    return each(lambda v: low if v < low else high if v > high else v, x)


def forward(x, low=-1.0, high=1.0):
    return np.clip(x, low, high), (x, low, high)


def backward(dy, cache):
    x, low, high = cache
    return (dy * ((x >= low) & (x <= high)),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_always_one(x, low=-1.0, high=1.0):
    return forward(x)


def backward_mask_forgotten(dy, cache):
    return (dy.copy(),)


def backward_lower_bound_only(dy, cache):
    x, low, _ = cache
    return (dy * (x >= low),)


def forward_into_its_input(x, low=-1.0, high=1.0):
    before = x.copy()
    np.clip(x, low, high, out=x)
    return x.copy(), (before, low, high)


def backward_clips_the_cotangent(dy, cache):
    _, low, high = cache
    return (np.clip(dy, low, high),)


WRONG = [
    Wrong(
        "bounds-ignored",
        "wrong option",
        forward_always_one,
        backward,
        "y dx",
        says="the bounds are fixed numbers, whatever the options say",
    ),
    Wrong("mask-forgotten", "dropped term", forward, backward_mask_forgotten, "dx"),
    Wrong("lower-bound-only", "wrong side", forward, backward_lower_bound_only, "dx"),
    Wrong("into-its-input", "changes in place", forward_into_its_input, backward, "y", "mutated-input", besides="dx"),
    Wrong("clips-the-cotangent", "not linear", forward, backward_clips_the_cotangent, "dx"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_minimum(x, low=-1.0, high=1.0):
    return np.minimum(np.maximum(x, low), high), {"inside": (x > low) & (x < high)}


def backward_exclusive(dy, cache):
    return (np.where(cache["inside"], dy, 0),)


def forward_loop(x, low=-1.0, high=1.0):
    return each(lambda v: max(low, min(high, v)), x), (x, low, high)


UNUSUAL = [
    Unusual("exclusive-bounds", forward_minimum, backward_exclusive),
    Unusual("loop", forward_loop, backward),
]
