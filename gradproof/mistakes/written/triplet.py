"""Subjects of triplet."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(anchor, positive, negative, margin, eps, reduction):
    def distance(x, y):
        return math.sqrt(sum((a - b + eps) ** 2 for a, b in zip(x, y, strict=True)))

    rows = [
        max(0.0, distance(a, p) - distance(a, n) + margin) for a, p, n in zip(anchor, positive, negative, strict=True)
    ]
    return sum(rows) / (len(rows) if reduction == "mean" else 1)


def length(x):
    return np.sqrt((x * x).sum(axis=1))


def forward(anchor, positive, negative, margin=1.0, eps=1e-6, reduction="mean"):
    n = len(anchor) if reduction == "mean" else 1
    near, far = anchor - positive + eps, anchor - negative + eps
    rows = length(near) - length(far) + margin
    return np.maximum(rows, 0).sum() / n, (near, far, rows > 0, n)


def units(cache):
    near, far, violated, n = cache
    return near / length(near)[:, None], far / length(far)[:, None], violated[:, None], n


def backward(dy, cache):
    near, far, violated, n = units(cache)
    return dy * violated * (near - far) / n, -dy * violated * near / n, dy * violated * far / n


def backward_always(dy, cache):
    near, far, _, n = units(cache)
    return dy * (near - far) / n, -dy * near / n, dy * far / n


def backward_swapped(dy, cache):
    da, dp, dn = backward(dy, cache)
    return da, dn, dp


def backward_anchor_from_one(dy, cache):
    near, far, violated, n = units(cache)
    return dy * violated * near / n, -dy * violated * near / n, dy * violated * far / n


def forward_squared(anchor, positive, negative, margin=1.0, eps=1e-6, reduction="mean"):
    _, (near, far, violated, n) = forward(anchor, positive, negative, margin, eps, reduction)
    return np.maximum((near**2).sum(axis=1) - (far**2).sum(axis=1) + margin, 0).sum() / n, (near, far, violated, n)


EVERY = "danchor dpositive dnegative"
WRONG = [
    Wrong(
        "violated-or-not",
        "dropped term",
        forward,
        backward_always,
        EVERY,
        says="triplets that fulfil the margin get a gradient too",
    ),
    Wrong(
        "positive-for-negative",
        "swapped",
        forward,
        backward_swapped,
        "dpositive dnegative",
        says="the gradients of positive and negative are swapped",
    ),
    Wrong(
        "anchor-drawn-once",
        "dropped term",
        forward,
        backward_anchor_from_one,
        "danchor",
        says="the anchor gets one of its two terms only",
    ),
    Wrong("squared-distances", "wrong forward", forward_squared, backward, "y", says="the distances are squared"),
]


def forward_rows(anchor, positive, negative, margin=1.0, eps=1e-6, reduction="mean"):
    near, far = np.subtract(anchor, positive) + eps, np.subtract(anchor, negative) + eps
    rows = margin + (np.linalg.norm(near, axis=1) - np.linalg.norm(far, axis=1))
    rows = np.where(rows > 0, rows, 0 * rows)
    n = len(rows) if reduction == "mean" else 1
    return rows.mean() if reduction == "mean" else rows.sum(), (near, far, rows > 0, n)


def backward_dict(dy, cache):
    return dict(zip(EVERY.split(), backward(dy, cache), strict=True))


UNUSUAL = [
    Unusual("gradients-by-name", forward, backward_dict),
    Unusual("norm-and-mean", forward_rows, backward),
]
