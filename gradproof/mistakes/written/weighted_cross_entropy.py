"""Subjects of weighted_cross_entropy."""

import math

import numpy as np

from ._records import Unusual, Wrong
from .softmax_cross_entropy import log_softmax


def textbook(logits, target, weights, smoothing, reduction):
    total, of_labels = 0.0, 0.0
    for z, k in zip(logits, target, strict=True):
        log_sum = math.log(sum(math.exp(v) for v in z))
        for j, v in enumerate(z):
            share = (1 - smoothing if j == k else 0) + smoothing / len(z)
            total -= weights[j] * share * (v - log_sum)
        of_labels += weights[k]
    return total / {"mean": len(logits), "weighted_mean": of_labels, "sum": 1}[reduction]


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def forward(logits, target, weights, smoothing=0.0, reduction="mean"):
    hot = target[:, None] == np.arange(logits.shape[1])
    share = weights * hot * (1 - smoothing) + weights * (smoothing / logits.shape[1])
    n = {"mean": len(logits), "weighted_mean": weights[target].sum(), "sum": 1}[reduction]
    return -(share * log_softmax(logits)).sum() / n, (softmax(logits), share, n)


def backward(dy, cache):
    p, share, n = cache
    return (dy * (p * share.sum(axis=1, keepdims=True) - share) / n,)


def forward_count(logits, target, weights, smoothing=0.0, reduction="mean"):
    return forward(logits, target, weights, smoothing, "mean")


def forward_not_smoothed(logits, target, weights, smoothing=0.0, reduction="mean"):
    return forward(logits, target, weights, 0.0, reduction)


def forward_weights_of_rows(logits, target, weights, smoothing=0.0, reduction="mean"):
    _, (p, _, n) = forward(logits, target, weights, smoothing, reduction)
    hot = target[:, None] == np.arange(logits.shape[1])
    own = weights[target][:, None]
    share = own * hot * (1 - smoothing) + own * (smoothing / logits.shape[1])
    return -(share * log_softmax(logits)).sum() / n, (p, share, n)


def backward_unweighted(dy, cache):
    p, share, n = cache
    return (dy * (p - share) / n,)


SMOOTHED = {"smoothing": 0.1}
WRONG = [
    Wrong(
        "by-the-count",
        "wrong n",
        forward_count,
        backward,
        "y dlogits",
        options={"reduction": "weighted_mean"},
        says="it is divided by the number of rows, not by the sum of their weights",
    ),
    Wrong(
        "not-smoothed",
        "wrong option",
        forward_not_smoothed,
        backward,
        "y dlogits",
        options=SMOOTHED,
        says="the labels are not smoothed",
    ),
    Wrong(
        "weights-of-rows",
        "wrong forward",
        forward_weights_of_rows,
        backward,
        "y dlogits",
        options=SMOOTHED,
        says="the weights are taken by row, not by class",
    ),
    Wrong(
        "probabilities-unweighted",
        "dropped term",
        forward,
        backward_unweighted,
        "dlogits",
        says="the probabilities' term is not weighted",
    ),
]


def forward_einsum(logits, target, weights, smoothing=0.0, reduction="mean"):
    _, cache = forward(logits, target, weights, smoothing, reduction)
    return -np.einsum("nc,nc->", cache[1], log_softmax(logits)) / cache[2], cache


def backward_on_rows(dy, cache):
    p, share, n = cache
    return (np.stack([(row * s.sum() - s) * dy / n for row, s in zip(p, share, strict=True)]),)


UNUSUAL = [
    Unusual("a-row-at-a-time", forward, backward_on_rows),
    Unusual("einsum", forward_einsum, backward),
]
