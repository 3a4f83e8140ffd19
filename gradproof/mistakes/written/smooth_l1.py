"""Subjects of smooth_l1."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(prediction, target, beta, reduction):
    losses = [
        r**2 / (2 * beta) if r < beta else r - beta / 2
        for r in (abs(p - t) for p, t in zip(prediction.ravel(), target.ravel(), strict=True))
    ]
    return sum(losses) / (len(losses) if reduction == "mean" else 1)


def forward(prediction, target, beta=1.0, reduction="mean"):
    error = prediction - target
    size = np.abs(error)
    n = error.size if reduction == "mean" else 1
    return np.where(size < beta, error**2 / (2 * beta), size - beta / 2).sum() / n, (error, beta, n)


def backward(dy, cache):
    error, beta, n = cache
    return (dy * np.clip(error / beta, -1, 1) / n,)


def forward_huber(prediction, target, beta=1.0, reduction="mean"):
    y, cache = forward(prediction, target, beta, reduction)
    return beta * y, cache


def backward_huber(dy, cache):
    return (backward(dy, cache)[0] * cache[1],)


def backward_sign(dy, cache):
    error, _, n = cache
    return (dy * np.sign(error) / n,)


def backward_mean_forgotten(dy, cache):
    return (backward(dy, cache)[0] * cache[2],)


def forward_jump(prediction, target, beta=1.0, reduction="mean"):
    _, (error, _, n) = forward(prediction, target, beta, reduction)
    size = np.abs(error)
    return np.where(size < beta, error**2 / (2 * beta), size).sum() / n, (error, beta, n)


NARROW = {"beta": 0.25}
WRONG = [
    Wrong(
        "hubers-loss",
        "wrong forward",
        forward_huber,
        backward_huber,
        "y dprediction",
        options=NARROW,
        says="it is Huber's loss: not divided by beta",
    ),
    Wrong(
        "sign-everywhere",
        "wrong side",
        forward,
        backward_sign,
        "dprediction",
        says="the gradient is the sign everywhere",
    ),
    Wrong(
        "mean-forgotten", "missing 1/n", forward, backward_mean_forgotten, "dprediction", options={"reduction": "mean"}
    ),
    Wrong(
        "jumps-at-beta",
        "dropped term",
        forward_jump,
        backward,
        "y",
        says="the linear part lacks its constant, so the loss jumps at beta",
    ),
]


def backward_masks(dy, cache):
    error, beta, n = cache
    d = error / beta
    d[error > beta] = 1
    d[error < -beta] = -1
    return (d * (dy / n),)


UNUSUAL = [
    Unusual("where", forward, backward),
    Unusual("boolean-masks", forward, backward_masks),
]
