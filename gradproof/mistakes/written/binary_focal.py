"""Subjects of binary_focal."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(logits, target, gamma, alpha, balanced, reduction):
    total = 0.0
    for z, t in zip(logits.ravel(), target.ravel(), strict=True):
        p = 1 / (1 + math.exp(-z))
        q, a = (p, alpha) if t == 1 else (1 - p, 1 - alpha)
        total -= (a if balanced else 1) * (1 - q) ** gamma * math.log(q)
    return total / (logits.size if reduction == "mean" else 1)


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def forward(logits, target, gamma=2.0, alpha=0.25, reduction="mean"):
    n = logits.size if reduction == "mean" else 1
    sign = 2 * target - 1
    x = sign * logits
    return (sigmoid(-x) ** gamma * softplus(-x)).sum() / n, (sign, x, gamma, n)


def backward(dy, cache):
    sign, x, gamma, n = cache
    doubt = sigmoid(-x)
    return (-dy * sign * doubt**gamma * (gamma * sigmoid(x) * softplus(-x) + doubt) / n,)


def forward_wrong_side(logits, target, gamma=2.0, alpha=0.25, reduction="mean"):
    _y, (sign, x, gamma, n) = forward(logits, target, gamma, alpha, reduction)
    return (sigmoid(x) ** gamma * softplus(-x)).sum() / n, (sign, x, gamma, n)


def backward_constant_factor(dy, cache):
    sign, x, gamma, n = cache
    doubt = sigmoid(-x)
    return (-dy * sign * doubt**gamma * doubt / n,)


def backward_zeros_as_ones(dy, cache):
    _sign, x, gamma, n = cache
    doubt = sigmoid(-x)
    return (-dy * doubt**gamma * (gamma * sigmoid(x) * softplus(-x) + doubt) / n,)


def forward_gamma_ignored(logits, target, gamma=2.0, alpha=0.25, reduction="mean"):
    return forward(logits, target, 1.0, alpha, reduction)


PLAIN = {"balanced": False}
WRONG = [
    Wrong(
        "easy-ones-turned-up",
        "wrong side",
        forward_wrong_side,
        backward,
        "y",
        options=PLAIN,
        says="the factor is p^gamma, not (1 - p)^gamma: easy examples weigh more",
    ),
    Wrong(
        "factor-held-constant",
        "dropped term",
        forward,
        backward_constant_factor,
        "dlogits",
        options=PLAIN,
        says="the focal factor is treated as a constant",
    ),
    Wrong(
        "sign-of-the-zeros",
        "wrong sign",
        forward,
        backward_zeros_as_ones,
        "dlogits",
        options=PLAIN,
        says="the gradient of the targets 0 has the wrong sign",
    ),
    Wrong(
        "gamma-ignored",
        "wrong option",
        forward_gamma_ignored,
        backward,
        "y dlogits",
        options=PLAIN,
        says="gamma is ignored",
    ),
]


def forward_exponential(logits, target, gamma=2.0, alpha=0.25, reduction="mean"):
    n = logits.size if reduction == "mean" else 1
    x = np.where(target == 1, logits, -logits)
    return np.sum(sigmoid(-x) ** gamma * softplus(-x) / n), (target, x, gamma, n)


def backward_where(dy, cache):
    target, x, gamma, n = cache
    doubt = sigmoid(-x)
    d = doubt**gamma * (doubt + gamma * sigmoid(x) * softplus(-x)) * dy / n
    return (np.where(target == 1, -d, d),)


UNUSUAL = [
    Unusual("sign-as-a-factor", forward, backward, options=PLAIN),
    Unusual("where-for-the-sign", forward_exponential, backward_where, options=PLAIN),
]
