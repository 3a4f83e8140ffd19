"""Subjects of absolute_error."""

import numpy as np

from ._records import Unusual, Wrong


def forward(prediction, target, reduction="mean"):
    error = prediction - target
    n = error.size if reduction == "mean" else 1
    return np.abs(error).sum() / n, (error, n)


def backward(dy, cache):
    error, n = cache
    return (dy * np.sign(error) / n,)


# -- wrong -------------------------------------------------------------------------------------------------


def backward_nan_at_zero(dy, cache):
    error, n = cache
    return (dy * error / np.abs(error) / n,)


def backward_epsilon(dy, cache):
    error, n = cache
    return (dy * error / (np.abs(error) + 1e-8) / n,)


def backward_wrong_sign(dy, cache):
    error, n = cache
    return (-dy * np.sign(error) / n,)


def backward_mean_forgotten(dy, cache):
    error, _ = cache
    return (dy * np.sign(error),)


def backward_over_rows(dy, cache):
    error, _ = cache
    return (dy * np.sign(error) / len(error),)


def backward_error(dy, cache):
    error, n = cache
    return (dy * error / n,)


def backward_ignores_upstream(dy, cache):
    error, n = cache
    return (np.sign(error) / n,)


def backward_integers(dy, cache):
    error, n = cache
    return (np.sign(error).astype(int) * dy.astype(np.float64) / n,)


def forward_reduction_ignored(prediction, target, reduction="mean"):
    return forward(prediction, target)


def forward_sum_of_errors(prediction, target, reduction="mean"):
    _, (error, n) = forward(prediction, target, reduction)
    return np.abs(error.sum()) / n, (error, n)


def backward_sum_of_errors(dy, cache):
    error, n = cache
    return (np.full_like(error, dy * np.sign(error.sum()) / n),)


def forward_median(prediction, target, reduction="mean"):
    loss, cache = forward(prediction, target, reduction)
    return loss / 2, (cache[0], 2 * cache[1])


def forward_changes_prediction(prediction, target, reduction="mean"):
    np.subtract(prediction, target, out=prediction)
    n = prediction.size if reduction == "mean" else 1
    return np.abs(prediction).sum() / n, (prediction.copy(), n)


WRONG = [
    Wrong(
        "nan-at-the-kink",
        "unstable",
        forward,
        backward_nan_at_zero,
        "dprediction",
        "non-finite",
        says="the sign is error / |error|, which is NaN where the error is zero",
    ),
    Wrong("epsilon-in-the-divisor", "epsilon added", forward, backward_epsilon, "dprediction"),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dprediction"),
    Wrong(
        "mean-forgotten",
        "missing 1/n",
        forward,
        backward_mean_forgotten,
        "dprediction",
        options={"reduction": "mean"},
    ),
    Wrong("over-n-only", "wrong n", forward, backward_over_rows, "dprediction", options={"reduction": "mean"}),
    Wrong(
        "error-instead-of-sign",
        "swapped",
        forward,
        backward_error,
        "dprediction",
        says="the error itself stands where its sign must: the gradient of a squared error",
    ),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dprediction", "not-linear"),
    Wrong(
        "through-integers",
        "wrong dtype",
        forward,
        backward_integers,
        "dprediction",
        "wrong-dtype",
        says="the sign passes through integers, and the dtype of the gradient changes",
    ),
    Wrong(
        "reduction-ignored",
        "wrong option",
        forward_reduction_ignored,
        backward,
        "y dprediction",
        says="the reduction option is ignored",
    ),
    Wrong(
        "of-the-sum",
        "wrong forward",
        forward_sum_of_errors,
        backward_sum_of_errors,
        "y dprediction",
        says="the absolute value is taken of the sum of the errors, not of each",
    ),
    Wrong(
        "half-of-it",
        "wrong forward",
        forward_median,
        backward,
        "y dprediction",
        says="the loss has a factor 1/2 that it should not have",
    ),
    Wrong(
        "into-the-prediction",
        "changes in place",
        forward_changes_prediction,
        backward,
        "y",
        "mutated-input",
        besides="dprediction",
        says="the error is written into the prediction",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def backward_minus_one_at_the_kink(dy, cache):
    error, n = cache
    return (np.where(error > 0, dy / n, -dy / n),)


def forward_maximum(prediction, target, reduction="mean"):
    each = np.maximum(prediction - target, target - prediction)
    return each.mean() if reduction == "mean" else each.sum(), {
        "p": prediction,
        "t": target,
        "mean": reduction == "mean",
    }


def backward_comparisons(dy, cache):
    p, t = cache["p"], cache["t"]
    dp = np.zeros_like(p, order="F")
    dp[p > t] += dy
    dp[p < t] -= dy
    if cache["mean"]:
        dp /= p.size
    return (dp,)


def forward_loop(prediction, target, reduction="mean"):
    total = sum(
        abs(p - t) for row, other in zip(prediction, target, strict=True) for p, t in zip(row, other, strict=True)
    )
    n = prediction.size if reduction == "mean" else 1
    return total / n, (prediction - target, n)


UNUSUAL = [
    Unusual("minus-one-at-the-kink", forward, backward_minus_one_at_the_kink),
    Unusual("maximum-and-masked-sums", forward_maximum, backward_comparisons),
    Unusual("generator-expression", forward_loop, backward),
]
