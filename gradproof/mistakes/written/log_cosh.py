"""Subjects of log_cosh."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(prediction, target, reduction):
    losses = [math.log(math.cosh(p - t)) for p, t in zip(prediction.ravel(), target.ravel(), strict=True)]
    return sum(losses) / (len(losses) if reduction == "mean" else 1)


def entries(error):
    size = np.abs(error)
    small = np.minimum(size, 0 * size + 1)
    near = np.log1p(2 * np.sinh(small / 2) ** 2)
    return np.where(size < 1, near, size + np.log1p(np.expm1(-2 * size) / 2))


def forward(prediction, target, reduction="mean"):
    n = prediction.size if reduction == "mean" else 1
    error = prediction - target
    return entries(error).sum() / n, (error, n)


def backward(dy, cache):
    error, n = cache
    return (dy * np.tanh(error) / n,)


def forward_softplus(prediction, target, reduction="mean"):
    y, (error, n) = forward(prediction, target, reduction)
    x = -2 * error
    softplus = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    return (error + softplus - np.log(error.dtype.type(2))).sum() / n if error.dtype != object else y, (error, n)


def forward_overflows(prediction, target, reduction="mean"):
    _, (error, n) = forward(prediction, target, reduction)
    return np.log(np.cosh(error)).sum() / n, (error, n)


def backward_sign(dy, cache):
    error, n = cache
    return (dy * np.sign(error) / n,)


def backward_sech(dy, cache):
    error, n = cache
    return (dy * (1 - np.tanh(error) ** 2) / n,)


def forward_to_base_two(prediction, target, reduction="mean"):
    y, cache = forward(prediction, target, reduction)
    return y * 1.4426950408889634, cache


WRONG = [
    Wrong(
        "overflows",
        "unstable",
        forward_overflows,
        backward,
        "y",
        "non-finite",
        says="cosh overflows before the logarithm is taken",
    ),
    Wrong("sign-for-tanh", "wrong forward", forward, backward_sign, "dprediction", says="the sign stands for tanh"),
    Wrong(
        "derivative-twice",
        "derivative at the output",
        forward,
        backward_sech,
        "dprediction",
        says="the derivative of tanh is applied too",
    ),
    Wrong("logarithm-to-base-two", "wrong base", forward_to_base_two, backward, "y", says="the logarithm is to base 2"),
]


def forward_by_masks(prediction, target, reduction="mean"):
    error = prediction - target
    total = entries(error[np.abs(error) < 1]).sum() + entries(error[np.abs(error) >= 1]).sum()
    return total / error.size if reduction == "mean" else total, (error, error.size if reduction == "mean" else 1)


UNUSUAL = [
    Unusual("hyperbolic-sine", forward, backward),
    Unusual("boolean-masks", forward_by_masks, backward),
]
