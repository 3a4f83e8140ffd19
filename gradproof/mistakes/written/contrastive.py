"""Subjects of contrastive."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(first, second, target, margin, eps, reduction):
    total = 0.0
    for a, b, like in zip(first, second, target, strict=True):
        d = math.sqrt(sum((x - y + eps) ** 2 for x, y in zip(a, b, strict=True)))
        total += d**2 if like else max(0.0, margin - d) ** 2
    return total / (len(first) if reduction == "mean" else 1)


def forward(first, second, target, margin=1.0, eps=1e-6, reduction="mean"):
    n = len(first) if reduction == "mean" else 1
    apart = first - second + eps
    d = np.sqrt((apart * apart).sum(axis=1))
    short = np.maximum(margin - d, 0)
    return (target * d * d + (1 - target) * short * short).sum() / n, (target, apart, d, short, n)


def gradient(dy, cache, like=1, unlike=1, unit=True):
    target, apart, d, short, n = cache
    pull = like * target * d - unlike * (1 - target) * short
    return (2 * dy * pull / n)[:, None] * (apart / d[:, None] if unit else apart)


def backward(dy, cache):
    g = gradient(dy, cache)
    return g, -g


def backward_both_drawn(dy, cache):
    g = gradient(dy, cache, unlike=-1)
    return g, -g


def backward_only_likes(dy, cache):
    g = gradient(dy, cache, unlike=0)
    return g, -g


def backward_same_sign(dy, cache):
    g = gradient(dy, cache)
    return g, 1 * g


def backward_no_unit(dy, cache):
    g = gradient(dy, cache, unit=False)
    return g, -g


def forward_labels_turned(first, second, target, margin=1.0, eps=1e-6, reduction="mean"):
    return forward(first, second, 1 - target, margin, eps, reduction)


WIDE = {"margin": 4.0}
WRONG = [
    Wrong(
        "unlike-ones-drawn-too",
        "wrong sign",
        forward,
        backward_both_drawn,
        "dfirst dsecond",
        options=WIDE,
        says="unlike pairs are drawn together, as like ones are",
    ),
    Wrong(
        "unlike-ones-left",
        "dropped term",
        forward,
        backward_only_likes,
        "dfirst dsecond",
        options=WIDE,
        says="unlike pairs get no gradient",
    ),
    Wrong(
        "both-the-same-way",
        "wrong sign",
        forward,
        backward_same_sign,
        "dsecond",
        options=WIDE,
        says="both embeddings are moved the same way; the second one's sign is missing",
    ),
    Wrong(
        "not-a-unit-vector",
        "dropped term",
        forward,
        backward_no_unit,
        "dfirst dsecond",
        options=WIDE,
        says="the direction is not divided by the distance",
    ),
    Wrong(
        "labels-turned",
        "wrong option",
        forward_labels_turned,
        backward,
        "y dfirst dsecond",
        options=WIDE,
        says="the labels of like and unlike pairs are swapped",
    ),
]


def forward_where(first, second, target, margin=1.0, eps=1e-6, reduction="mean"):
    _y, cache = forward(first, second, target, margin, eps, reduction)
    _, _, d, short, n = cache
    return np.where(target == 1, d, short) @ np.where(target == 1, d, short) / n, cache


def backward_where(dy, cache):
    target, apart, d, short, n = cache
    g = np.where(target == 1, d, -short)[:, None] * (apart / d[:, None]) * (2 * dy / n)
    return {"dsecond": -g, "dfirst": g}


UNUSUAL = [
    Unusual("where-and-a-product", forward_where, backward),
    Unusual("gradients-by-name", forward, backward_where),
]
