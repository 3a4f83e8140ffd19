"""Subjects of squared_hinge."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(prediction, target, reduction):
    losses = [max(0.0, 1 - (1 if t else -1) * p) ** 2 for p, t in zip(prediction.ravel(), target.ravel(), strict=True)]
    return sum(losses) / (len(losses) if reduction == "mean" else 1)


def forward(prediction, target, reduction="mean"):
    n = prediction.size if reduction == "mean" else 1
    sign = 2 * target - 1
    short = np.maximum(1 - sign * prediction, 0)
    return (short * short).sum() / n, (sign, short, n)


def backward(dy, cache):
    sign, short, n = cache
    return (-2 * dy * sign * short / n,)


def forward_zeros_as_they_are(prediction, target, reduction="mean"):
    n = prediction.size if reduction == "mean" else 1
    short = np.maximum(1 - target * prediction, 0)
    return (short * short).sum() / n, (target, short, n)


def forward_hinge(prediction, target, reduction="mean"):
    _, (sign, short, n) = forward(prediction, target, reduction)
    return short.sum() / n, (sign, short, n)


def backward_factor_forgotten(dy, cache):
    sign, short, n = cache
    return (-dy * sign * short / n,)


def backward_hinge(dy, cache):
    sign, short, n = cache
    return (-dy * sign * (short > 0) / n,)


def backward_ignores_upstream(dy, cache):
    return backward(np.ones_like(dy), cache)


WRONG = [
    Wrong(
        "zeros-as-they-are",
        "wrong option",
        forward_zeros_as_they_are,
        backward,
        "y dprediction",
        says="targets 0 are not turned into -1",
    ),
    Wrong("not-squared", "wrong forward", forward_hinge, backward_hinge, "y dprediction"),
    Wrong("two-forgotten", "dropped term", forward, backward_factor_forgotten, "dprediction"),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dprediction", "not-linear"),
]


def forward_where(prediction, target, reduction="mean"):
    short = np.where(target == 1, 1 - prediction, 1 + prediction)
    short = short * (short > 0)
    return np.square(short).mean() if reduction == "mean" else np.square(short).sum(), (target, short, reduction)


def backward_where(dy, cache):
    target, short, reduction = cache
    n = short.size if reduction == "mean" else 1
    return (np.where(target == 1, -short, short) * (2 * dy / n),)


UNUSUAL = [
    Unusual("sign-as-a-factor", forward, backward),
    Unusual("where-for-the-sign", forward_where, backward_where),
]
