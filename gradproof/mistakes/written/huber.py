"""Subjects of huber."""

import numpy as np

from ._records import Unusual, Wrong


def forward(prediction, target, delta=1.0, reduction="mean"):
    error = prediction - target
    size = np.abs(error)
    n = error.size if reduction == "mean" else 1
    return np.where(size <= delta, error**2 / 2, delta * (size - delta / 2)).sum() / n, (error, delta, n)


def backward(dy, cache):
    error, delta, n = cache
    return (dy * np.clip(error, -delta, delta) / n,)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_delta_is_one(prediction, target, delta=1.0, reduction="mean"):
    return forward(prediction, target, 1.0, reduction)


def forward_smooth_l1(prediction, target, delta=1.0, reduction="mean"):
    loss, (error, _, n) = forward(prediction, target, delta, reduction)
    return loss / delta, (error, delta, n)


def backward_smooth_l1(dy, cache):
    return (backward(dy, cache)[0] / cache[1],)


def forward_without_half(prediction, target, delta=1.0, reduction="mean"):
    loss, cache = forward(prediction, target, delta, reduction)
    return 2 * loss, cache


def forward_jump(prediction, target, delta=1.0, reduction="mean"):
    error = prediction - target
    size = np.abs(error)
    n = error.size if reduction == "mean" else 1
    return np.where(size <= delta, error**2 / 2, delta * size).sum() / n, (error, delta, n)


def backward_quadratic_everywhere(dy, cache):
    error, _, n = cache
    return (dy * error / n,)


def backward_sign_without_delta(dy, cache):
    error, delta, n = cache
    return (dy * np.where(np.abs(error) <= delta, error, np.sign(error)) / n,)


def backward_sides_swapped(dy, cache):
    error, delta, n = cache
    return (dy * np.where(np.abs(error) > delta, error, delta * np.sign(error)) / n,)


def backward_one_sided(dy, cache):
    error, delta, n = cache
    return (dy * np.minimum(error, delta) / n,)


def backward_zero_at_delta(dy, cache):
    error, delta, n = cache
    size = np.abs(error)
    inner, outer = size < delta, size > delta
    return (dy * (error * inner + delta * np.sign(error) * outer) / n,)


def backward_wrong_sign(dy, cache):
    return (-backward(dy, cache)[0],)


def backward_ignores_upstream(dy, cache):
    return backward(np.ones_like(dy), cache)


def backward_mean_forgotten(dy, cache):
    error, delta, _ = cache
    return (dy * np.clip(error, -delta, delta),)


def backward_clips_cache(dy, cache):
    error, delta, n = cache
    np.clip(error, -delta, delta, out=error)
    return (dy * error / n,)


def backward_list(dy, cache):
    return ([row.tolist() for row in backward(dy, cache)[0]],)


WRONG = [
    Wrong(
        "delta-ignored",
        "wrong option",
        forward_delta_is_one,
        backward,
        "y dprediction",
        options={"delta": 0.5},
        says="delta is taken as 1",
    ),
    Wrong(
        "smooth-l1",
        "wrong forward",
        forward_smooth_l1,
        backward_smooth_l1,
        "y dprediction",
        options={"delta": 0.5},
        says="it is smooth L1: divided by delta",
    ),
    Wrong(
        "half-forgotten-in-the-loss",
        "dropped term",
        forward_without_half,
        backward,
        "y",
        says="the quadratic part lacks its 1/2",
    ),
    Wrong(
        "loss-jumps-at-delta",
        "dropped term",
        forward_jump,
        backward,
        "y",
        says="the linear part lacks its constant, so the loss jumps at delta",
    ),
    Wrong(
        "quadratic-everywhere",
        "wrong side",
        forward,
        backward_quadratic_everywhere,
        "dprediction",
        says="the gradient is that of the quadratic part everywhere",
    ),
    Wrong(
        "sign-without-delta",
        "dropped term",
        forward,
        backward_sign_without_delta,
        "dprediction",
        options={"delta": 0.5},
        says="the linear part's gradient lacks the factor delta",
    ),
    Wrong("sides-swapped", "wrong side", forward, backward_sides_swapped, "dprediction"),
    Wrong(
        "clipped-above-only",
        "wrong side",
        forward,
        backward_one_sided,
        "dprediction",
        says="the error is clipped above only",
    ),
    Wrong(
        "zero-exactly-at-delta",
        "wrong side",
        forward,
        backward_zero_at_delta,
        "dprediction",
        says="the gradient is zero where the error is exactly delta",
    ),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dprediction"),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dprediction", "not-linear"),
    Wrong(
        "mean-forgotten",
        "missing 1/n",
        forward,
        backward_mean_forgotten,
        "dprediction",
        options={"reduction": "mean"},
    ),
    Wrong(
        "clips-the-cache",
        "changes in place",
        forward,
        backward_clips_cache,
        "dprediction",
        "mutated-cache",
        says="the backward clips the saved error in place",
    ),
    Wrong(
        "rows-as-lists", "not an array", forward, backward_list, "dprediction", says="the gradient is a list of rows"
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_masks(prediction, target, delta=1.0, reduction="mean"):
    r = np.abs(prediction - target)
    small = r < delta
    total = 0.5 * (r[small] ** 2).sum() + delta * (r[~small] - 0.5 * delta).sum()
    return total / r.size if reduction == "mean" else total, (prediction, target, delta, reduction)


def backward_masks(dy, cache):
    prediction, target, delta, reduction = cache
    r = np.subtract(prediction, target, order="F")
    r[r > delta] = delta
    r[r < -delta] = -delta
    r *= dy / r.size if reduction == "mean" else dy
    return (r,)


def forward_clip(prediction, target, delta=1.0, reduction="mean"):
    error = prediction - target
    clipped = np.minimum(np.maximum(error, -delta), delta)
    each = clipped * (error - 0.5 * clipped)
    return (each.mean() if reduction == "mean" else each.sum()), {"clipped": clipped, "reduction": reduction}


def backward_clip(dy, cache):
    clipped = cache["clipped"]
    n = clipped.size if cache["reduction"] == "mean" else 1
    return (np.stack([dy * row / n for row in clipped]),)


UNUSUAL = [
    Unusual("boolean-masks", forward_masks, backward_masks),
    Unusual("product-with-the-clipped-error", forward_clip, backward_clip),
]
