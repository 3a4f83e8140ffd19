"""Subjects of cosine_similarity."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(prediction, target, reduction):
    rows = [float(p @ t) / math.sqrt(p @ p) / math.sqrt(t @ t) for p, t in zip(prediction, target, strict=True)]
    return -sum(rows) / (len(rows) if reduction == "mean" else 1)


def length(x):
    return np.sqrt((x * x).sum(axis=1, keepdims=True))


def forward(prediction, target, reduction="mean"):
    n = len(prediction) if reduction == "mean" else 1
    a, b = prediction / length(prediction), target / length(target)
    return -(a * b).sum() / n, (length(prediction), a, b, n)


def backward(dy, cache):
    size, a, b, n = cache
    return (-dy * (b - (a * b).sum(axis=1, keepdims=True) * a) / size / n,)


def backward_only_the_product(dy, cache):
    size, _, b, n = cache
    return (-dy * b / size / n,)


def backward_without_length(dy, cache):
    _, a, b, n = cache
    return (-dy * (b - (a * b).sum(axis=1, keepdims=True) * a) / n,)


def backward_wrong_sign(dy, cache):
    return (-backward(dy, cache)[0],)


def forward_similarity(prediction, target, reduction="mean"):
    y, cache = forward(prediction, target, reduction)
    return -y, cache


def forward_one_less(prediction, target, reduction="mean"):
    y, cache = forward(prediction, target, reduction)
    return 1 + y, cache


WRONG = [
    Wrong("length-constant", "dropped term", forward, backward_only_the_product, "dprediction"),
    Wrong(
        "not-divided-by-the-length",
        "dropped term",
        forward,
        backward_without_length,
        "dprediction",
        says="the gradient is not divided by the length of the prediction",
    ),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dprediction"),
    Wrong(
        "similarity-for-loss",
        "wrong forward",
        forward_similarity,
        backward,
        "y",
        says="the similarity itself is returned, with the sign of a gain",
    ),
    Wrong(
        "one-less-the-cosine",
        "wrong forward",
        forward_one_less,
        backward,
        "y",
        options={"reduction": "mean"},
        says="the loss is 1 - cos",
    ),
]


def forward_rows(prediction, target, reduction="mean"):
    n = len(prediction) if reduction == "mean" else 1
    rows = [-(p / np.sqrt(p @ p)) @ (t / np.sqrt(t @ t)) for p, t in zip(prediction, target, strict=True)]
    _y, cache = forward(prediction, target, reduction)
    return np.sum(np.array(rows, dtype=prediction.dtype)) / n, cache


def forward_hypot(prediction, target, reduction="mean"):
    n = len(prediction) if reduction == "mean" else 1
    size = np.linalg.norm(prediction, axis=1, keepdims=True)
    a, b = prediction / size, target / np.linalg.norm(target, axis=1, keepdims=True)
    return np.einsum("nd,nd->", a, b) / -n, (size, a, b, n)


UNUSUAL = [
    Unusual("a-row-at-a-time", forward_rows, backward),
    Unusual("norm-and-einsum", forward_hypot, backward),
]
