"""Subjects of prelu."""

import numpy as np

from ._records import Unusual, Wrong

CHANNEL = {"per": "channel"}


def textbook(x, slope, per):
    y = np.empty_like(x)
    for index, v in np.ndenumerate(x):
        a = slope[index[1]] if per == "channel" else slope[0]
        y[index] = v if v > 0 else a * v
    return y


def forward(x, slope, per="all"):
    factor = slope.reshape(len(slope), *[1] * (x.ndim - 2))
    return np.where(x > 0, x, factor * x), (x, factor, per)


def dslope(terms, factor, per):
    axes = tuple(a for a in range(terms.ndim) if a != 1 or per == "all")
    return terms.sum(axis=axes).reshape(len(factor))


def backward(dy, cache):
    x, factor, per = cache
    return np.where(x > 0, dy, factor * dy), dslope(dy * x * (x <= 0), factor, per)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_plain_relu(dy, cache):
    return dy * (cache[0] > 0), backward(dy, cache)[1]


def backward_mean(dy, cache):
    x, factor, per = cache
    return backward(dy, cache)[0], dslope(dy * x * (x <= 0), factor, per) * len(factor) / max(1, x.size)


def backward_all_entries(dy, cache):
    x, factor, per = cache
    return backward(dy, cache)[0], dslope(dy * x, factor, per)


def backward_without_x(dy, cache):
    x, factor, per = cache
    return backward(dy, cache)[0], dslope(dy * (x <= 0), factor, per)


def backward_one_row(dy, cache):
    x, factor, per = cache
    return backward(dy, cache)[0], dslope((dy * x * (x <= 0))[:1], factor, per)


def backward_zero_at_zero(dy, cache):
    dx, da = backward(dy, cache)
    return dx * (cache[0] != 0), da


WRONG = [
    Wrong(
        "slope-forgotten",
        "dropped term",
        forward,
        backward_plain_relu,
        "dx",
        says="the negative side is not multiplied by the slope",
    ),
    Wrong("mean-of-the-terms", "wrong n", forward, backward_mean, "dslope", says="dslope is a mean, not a sum"),
    Wrong(
        "positive-side-too",
        "wrong side",
        forward,
        backward_all_entries,
        "dslope",
        says="dslope takes the positive side too",
    ),
    Wrong("without-x", "dropped term", forward, backward_without_x, "dslope"),
    Wrong("one-row", "one row only", forward, backward_one_row, "dslope", says="dslope is that of one row only"),
    Wrong("zero-at-zero", "wrong side", forward, backward_zero_at_zero, "dx", cases=24),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_two_ramps(x, slope, per="all"):
    _, cache = forward(x, slope, per)
    return np.maximum(x, 0) + cache[1] * np.minimum(x, 0), cache


def backward_one_at_zero(dy, cache):
    x, factor, per = cache
    dx = np.array(dy * np.ones_like(factor))
    np.multiply(dx, factor, out=dx, where=x < 0)
    return dx, dslope(dy * np.minimum(x, 0), factor, per)


def backward_two_sums(dy, cache):
    x, factor, _ = cache
    terms = (np.where(x > 0, 0, x) * dy).sum(axis=0)
    return np.where(x > 0, dy, factor * dy), terms.reshape(len(factor), -1).sum(axis=1)


UNUSUAL = [
    Unusual("two-ramps-and-one-at-zero", forward_two_ramps, backward_one_at_zero),
    Unusual("two-sums", forward, backward_two_sums, options=CHANNEL),
    Unusual("in-a-dict", forward, lambda dy, cache: dict(zip(("dx", "dslope"), backward(dy, cache), strict=True))),
]
