"""Subjects of kl_divergence."""

import math

import numpy as np

from ._records import Unusual, Wrong


def textbook(prediction, target, form, reduction):
    total = 0.0
    for p, t in zip(prediction.ravel(), target.ravel(), strict=True):
        total += t * math.log(t / (p if form == "probability" else math.exp(p)))
    return total / {"batch_mean": len(target), "mean": target.size, "sum": 1}[reduction]


def divisor(prediction, reduction):
    return {"batch_mean": len(prediction), "mean": prediction.size, "sum": 1}[reduction]


def forward(prediction, target, reduction="batch_mean"):
    n = divisor(prediction, reduction)
    return (target * (np.log(target) - np.log(prediction))).sum() / n, (prediction, target, n)


def backward(dy, cache):
    prediction, target, n = cache
    return (-dy * target / prediction / n,)


def forward_other_way(prediction, target, reduction="batch_mean"):
    n = divisor(prediction, reduction)
    return (prediction * (np.log(prediction) - np.log(target))).sum() / n, (prediction, target, n)


def backward_other_way(dy, cache):
    prediction, target, n = cache
    return (dy * (np.log(prediction) - np.log(target) + 1) / n,)


def forward_cross_entropy(prediction, target, reduction="batch_mean"):
    n = divisor(prediction, reduction)
    return -(target * np.log(prediction)).sum() / n, (prediction, target, n)


def forward_over_everything(prediction, target, reduction="batch_mean"):
    return forward(prediction, target, "mean")


def backward_difference(dy, cache):
    prediction, target, n = cache
    return (dy * (prediction - target) / n,)


def backward_wrong_sign(dy, cache):
    return (-backward(dy, cache)[0],)


PLAIN = {"form": "probability", "reduction": "batch_mean"}
WRONG = [
    Wrong(
        "target-from-prediction",
        "swapped",
        forward_other_way,
        backward_other_way,
        "y dprediction",
        options=PLAIN,
        says="the two distributions are swapped",
    ),
    Wrong(
        "entropy-of-the-target-forgotten",
        "dropped term",
        forward_cross_entropy,
        backward,
        "y",
        options=PLAIN,
        says="the term t log t is left out",
    ),
    Wrong("over-n-times-c", "wrong n", forward_over_everything, backward, "y dprediction", options=PLAIN),
    Wrong(
        "gradient-of-softmax",
        "derivative at the output",
        forward,
        backward_difference,
        "dprediction",
        options=PLAIN,
        says="it is the gradient by the scores before a softmax",
    ),
    Wrong("uphill", "wrong sign", forward, backward_wrong_sign, "dprediction", options=PLAIN),
]


def forward_quotient(prediction, target, reduction="batch_mean"):
    n = divisor(prediction, reduction)
    ratio = target / prediction
    return -(target * -np.log(ratio)).sum() / n, (ratio, n)


def backward_ratio(dy, cache):
    ratio, n = cache
    return (-ratio * (dy / n),)


UNUSUAL = [
    Unusual("difference-of-logarithms", forward, backward, options=PLAIN),
    Unusual(
        "logarithm-of-the-quotient",
        forward_quotient,
        backward_ratio,
        options=PLAIN,
        cases=60,
        seed=52,
        loses="t / p is rounded near one, where its logarithm is near zero",
    ),
]
