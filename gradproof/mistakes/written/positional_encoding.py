"""Subjects of positional_encoding."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(x):
    """One feature of one step at a time."""
    y = np.array(x, dtype=np.float64)
    for t, i in np.ndindex(*x.shape[1:]):
        angle = t / 10000 ** (i // 2 * 2 / x.shape[2])
        y[:, t, i] += math.cos(angle) if i % 2 else math.sin(angle)
    return y


def waves(x, first=0, base=10000.0, even=np.sin, odd=np.cos, paired=True):
    t = np.arange(first, first + x.shape[1])[:, None]
    i = np.arange(x.shape[2])
    angle = t / base ** ((i // 2 * 2 if paired else i) / x.shape[2])
    return np.where(i % 2 == 0, even(angle), odd(angle)).astype(x.dtype)


def forward(x):
    return x + waves(x), None


def backward(dy, cache):
    return (dy.copy(),)


def forward_from_one(x):
    return x + waves(x, first=1), None


def forward_sine_and_cosine_swapped(x):
    return x + waves(x, even=np.cos, odd=np.sin), None


def forward_another_base(x):
    return x + waves(x, base=1000.0), None


def forward_not_paired(x):
    return x + waves(x, paired=False), None


def backward_of_the_mean(dy, cache):
    return (dy / len(dy),)


def backward_the_same_array(dy, cache):
    return (dy,)


WRONG = [
    Wrong("from-step-one", "off by one", forward_from_one, backward, "y"),
    Wrong(
        "sine-and-cosine-swapped",
        "swapped",
        forward_sine_and_cosine_swapped,
        backward,
        "y",
        says="sines and cosines are swapped",
    ),
    Wrong("base-1000", "wrong base", forward_another_base, backward, "y", cases=20, says="the base is 1000, not 10000"),
    Wrong(
        "not-in-pairs",
        "wrong forward",
        forward_not_paired,
        backward,
        "y",
        cases=20,
        says="each feature has a frequency of its own, not each pair",
    ),
    Wrong(
        "divided-by-n", "wrong n", forward, backward_of_the_mean, "dx", says="dx is divided by the number of sequences"
    ),
    Wrong("the-cotangent-itself", "aliasing", forward, backward_the_same_array, "dx", "alias"),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_shifted_sine(x):
    """The cosine as one call of the sine's complement, step by step."""
    y = x.copy()
    for t in range(x.shape[1]):
        y[:, t] += waves(x[:, : t + 1])[t]
    return y, x.dtype


def backward_times_one(dy, cache):
    return (np.multiply(dy, 1, order="F"),)


UNUSUAL = [
    Unusual("step-by-step", forward_shifted_sine, backward),
    Unusual("times-one", forward, backward_times_one),
]
