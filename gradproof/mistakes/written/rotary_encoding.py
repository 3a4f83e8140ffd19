"""Subjects of rotary_encoding."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(x, pairs):
    """One pair of one step at a time."""
    y, half = np.empty(x.shape), x.shape[2] // 2
    for n, t, i in np.ndindex(*x.shape[:2], half):
        a, b = (2 * i, 2 * i + 1) if pairs == "neighbours" else (i, half + i)
        angle = t / 10000 ** (2 * i / x.shape[2])
        y[n, t, a] = x[n, t, a] * math.cos(angle) - x[n, t, b] * math.sin(angle)
        y[n, t, b] = x[n, t, a] * math.sin(angle) + x[n, t, b] * math.cos(angle)
    return y


def turned(x, pairs, sign=1.0, first=0):
    half = x.shape[2] // 2
    angle = np.arange(first, first + x.shape[1])[:, None] / 10000.0 ** (np.arange(half) / half)
    cos, sin = np.cos(angle).astype(x.dtype), (sign * np.sin(angle)).astype(x.dtype)
    at = (np.arange(0, 2 * half, 2), np.arange(1, 2 * half, 2))
    at = at if pairs == "neighbours" else (np.arange(half), np.arange(half, 2 * half))
    a, b, y = x[..., at[0]], x[..., at[1]], np.empty_like(x)
    y[..., at[0]], y[..., at[1]] = a * cos - b * sin, a * sin + b * cos
    return y


def forward(x, pairs="neighbours"):
    return turned(x, pairs), pairs


def backward(dy, cache):
    return (turned(dy, cache, sign=-1.0),)


def backward_turned_on(dy, cache):
    return (turned(dy, cache),)


def backward_not_turned(dy, cache):
    return (dy.copy(),)


def backward_of_the_other_pairs(dy, cache):
    return (turned(dy, "halves" if cache == "neighbours" else "neighbours", sign=-1.0),)


def forward_from_one(x, pairs="neighbours"):
    return turned(x, pairs, first=1), pairs


def backward_from_one(dy, cache):
    return (turned(dy, cache, sign=-1.0, first=1),)


def forward_other_pairs(x, pairs="neighbours"):
    return turned(x, "halves" if pairs == "neighbours" else "neighbours"), pairs


WRONG = [
    Wrong(
        "turned-further",
        "transposed",
        forward,
        backward_turned_on,
        "dx",
        cases=20,
        says="dx is turned once more in the same direction, not back",
    ),
    Wrong(
        "not-turned-back", "dropped term", forward, backward_not_turned, "dx", cases=20, says="dx is not turned back"
    ),
    Wrong(
        "other-pairs-back",
        "wrong option",
        forward,
        backward_of_the_other_pairs,
        "dx",
        cases=20,
        says="the backward pairs features the other way",
    ),
    Wrong("from-step-one", "off by one", forward_from_one, backward_from_one, "y dx"),
    Wrong(
        "other-pairs",
        "wrong option",
        forward_other_pairs,
        backward,
        "y",
        cases=20,
        besides="dx",
        says="features are paired the other way",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_by_rotating(x, pairs="neighbours"):
    """x cos + rotated(x) sin, as the models' code has it."""
    half = x.shape[2] // 2
    angle = np.arange(x.shape[1])[:, None] / 10000.0 ** (np.arange(half) / half)
    if pairs == "neighbours":
        rotated = np.stack([-x[..., 1::2], x[..., ::2]], axis=-1).reshape(x.shape)
        angle = np.repeat(angle, 2, axis=1)
    else:
        rotated = np.concatenate([-x[..., half:], x[..., :half]], axis=-1)
        angle = np.tile(angle, 2)
    return x * np.cos(angle).astype(x.dtype) + rotated * np.sin(angle).astype(x.dtype), pairs


def backward_step_by_step(dy, cache):
    return (np.stack([turned(dy[:, : t + 1], cache, sign=-1.0)[:, t] for t in range(dy.shape[1])], axis=1),)


UNUSUAL = [
    Unusual("rotated-features", forward_by_rotating, backward),
    Unusual("step-by-step", forward, backward_step_by_step),
]
