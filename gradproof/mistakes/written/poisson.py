"""Subjects of poisson."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(prediction, target, log_input, eps, reduction):
    total = 0.0
    for x, t in zip(prediction.ravel(), target.ravel(), strict=True):
        total += math.exp(x) - t * x if log_input else x - t * math.log(x + eps)
    return total / (target.size if reduction == "mean" else 1)


def forward(prediction, target, eps=1e-7, reduction="mean"):
    n = prediction.size if reduction == "mean" else 1
    rate = np.exp(prediction)
    return (rate - target * prediction).sum() / n, (rate, target, n)


def backward(dy, cache):
    rate, target, n = cache
    return (dy * (rate - target) / n,)


def backward_rate_only(dy, cache):
    rate, _, n = cache
    return (dy * rate / n,)


def backward_without_exponential(dy, cache):
    rate, target, n = cache
    return (dy * (1 - target / rate) / n,)


def backward_mean_forgotten(dy, cache):
    rate, target, _ = cache
    return (dy * (rate - target),)


def forward_squared(prediction, target, eps=1e-7, reduction="mean"):
    n = prediction.size if reduction == "mean" else 1
    return (prediction - target * np.log(np.abs(prediction) + eps)).sum() / n, (np.exp(prediction), target, n)


LOG = {"log_input": True}
WRONG = [
    Wrong("target-forgotten", "dropped term", forward, backward_rate_only, "dprediction", options=LOG),
    Wrong(
        "gradient-by-the-rate",
        "derivative at the output",
        forward,
        backward_without_exponential,
        "dprediction",
        options=LOG,
        says="it is the gradient by the rate, not by its logarithm",
    ),
    Wrong(
        "mean-forgotten",
        "missing 1/n",
        forward,
        backward_mean_forgotten,
        "dprediction",
        options={"log_input": True, "reduction": "mean"},
    ),
    Wrong(
        "rate-for-its-logarithm",
        "wrong option",
        forward_squared,
        backward,
        "y",
        options=LOG,
        says="the prediction is taken for the rate, not for its logarithm",
    ),
]


def forward_two_sums(prediction, target, eps=1e-7, reduction="mean"):
    entries = np.exp(prediction) - target * prediction
    return entries.mean() if reduction == "mean" else entries.sum(), (prediction, target, reduction)


def backward_two_sums(dy, cache):
    prediction, target, reduction = cache
    d = np.exp(prediction)
    d -= target
    d *= dy / prediction.size if reduction == "mean" else dy
    return (d,)


UNUSUAL = [
    Unusual("plain", forward, backward, options=LOG),
    Unusual("mean-and-augmented-assignment", forward_two_sums, backward_two_sums, options=LOG),
]
