"""Subjects of binary_cross_entropy."""

import numpy as np

from ._records import Unusual, Wrong


def divisor(p, reduction):
    return p.size if reduction == "mean" else 1


def forward(p, target, reduction="mean"):
    n = divisor(p, reduction)
    return -(target * np.log(p) + (1 - target) * np.log1p(-p)).sum() / n, (p, target, n)


def backward(dy, cache):
    p, t, n = cache
    return (dy * ((1 - t) / (1 - p) - t / p) / n,)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_epsilon(p, target, reduction="mean"):
    eps = 1e-7
    n = divisor(p, reduction)
    return -(target * np.log(p + eps) + (1 - target) * np.log(1 - p + eps)).sum() / n, (p, target, n)


def forward_clipped(p, target, reduction="mean"):
    return forward(np.clip(p, 1e-6, 1 - 1e-6), target, reduction)


def backward_clipped(dy, cache):
    p, t, n = cache
    inside = (p > 1e-6) & (p < 1 - 1e-6)
    return (dy * inside * ((1 - t) / (1 - p) - t / p) / n,)


def forward_base_two(p, target, reduction="mean"):
    n = divisor(p, reduction)
    return -(target * np.log2(p) + (1 - target) * np.log2(1 - p)).sum() / n, (p, target, n)


def forward_base_ten(p, target, reduction="mean"):
    n = divisor(p, reduction)
    return -(target * np.log10(p) + (1 - target) * np.log10(1 - p)).sum() / n, (p, target, n)


def forward_positive_sign(p, target, reduction="mean"):
    loss, cache = forward(p, target, reduction)
    return -loss, cache


def forward_ones_only(p, target, reduction="mean"):
    n = divisor(p, reduction)
    return -(target * np.log(p)).sum() / n, (p, target, n)


def forward_over_rows(p, target, reduction="mean"):
    loss, (_, _, n) = forward(p, target, "sum")
    n = len(p) if reduction == "mean" else 1
    return loss / n, (p, target, n)


def backward_ones_only(dy, cache):
    p, t, n = cache
    return (-dy * t / p / n,)


def backward_of_the_logits(dy, cache):
    p, t, n = cache
    return (dy * (p - t) / n,)


def backward_mean_forgotten(dy, cache):
    p, t, _ = cache
    return (dy * ((1 - t) / (1 - p) - t / p),)


def backward_wrong_sign(dy, cache):
    return backward(-dy, cache)


def backward_plus(dy, cache):
    p, t, n = cache
    return (-dy * ((1 - t) / (1 - p) + t / p) / n,)


def backward_ignores_upstream(dy, cache):
    return backward(1.0, cache)


def backward_one_row(dy, cache):
    dp = backward(dy, cache)[0]
    dp[1:] = 0
    return (dp,)


WRONG = [
    Wrong("epsilon-in-the-logs", "epsilon added", forward_epsilon, backward, "y"),
    Wrong(
        "clipped-at-1e-6",
        "wrong forward",
        forward_clipped,
        backward_clipped,
        "y dp",
        says="the probabilities are clipped at 1e-6",
    ),
    Wrong("base-two", "wrong base", forward_base_two, backward, "y"),
    Wrong("base-ten", "wrong base", forward_base_ten, backward, "y"),
    Wrong(
        "minus-forgotten-in-the-loss",
        "wrong sign",
        forward_positive_sign,
        backward,
        "y",
        says="the minus in front of the loss is forgotten",
    ),
    Wrong(
        "ones-only",
        "dropped term",
        forward_ones_only,
        backward_ones_only,
        "y dp",
        says="the term of the targets 0 is left out",
    ),
    Wrong(
        "ones-only-in-the-backward",
        "dropped term",
        forward,
        backward_ones_only,
        "dp",
        says="the backward leaves out the term of the targets 0",
    ),
    Wrong("over-n-only", "wrong n", forward_over_rows, backward, "y dp", options={"reduction": "mean"}),
    Wrong("p-minus-t", "derivative at the output", forward, backward_of_the_logits, "dp"),
    Wrong("mean-forgotten", "missing 1/n", forward, backward_mean_forgotten, "dp", options={"reduction": "mean"}),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dp"),
    Wrong("plus-instead-of-minus", "wrong sign", forward, backward_plus, "dp"),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dp", "not-linear"),
    Wrong("first-row-only", "one row only", forward, backward_one_row, "dp"),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def backward_common_denominator(dy, cache):
    p, t, n = cache
    return ((p - t) / (p * (1.0 - p)) * (dy / n),)


def forward_where(p, target, reduction="mean"):
    each = -np.where(target == 1, np.log(p), np.log1p(-p))
    return (each.mean() if reduction == "mean" else each.sum()), {"p": p, "t": target, "n": divisor(p, reduction)}


def backward_masks(dy, cache):
    p, ones, n = cache["p"], cache["t"] > 0.5, cache["n"]
    dp = np.zeros(p.shape, dtype=p.dtype, order="F")
    dp[ones] = -1.0 / p[ones]
    dp[~ones] = 1.0 / (1.0 - p[~ones])
    dp *= dy / n
    return (dp,)


def forward_loop(p, target, reduction="mean"):
    total = p.dtype.type(0)
    for row, truth in zip(p, target, strict=True):
        for q, t in zip(row, truth, strict=True):
            total -= np.log(q) if t else np.log1p(-q)
    return total / divisor(p, reduction), (p, target, divisor(p, reduction))


UNUSUAL = [
    Unusual("where-and-masks", forward_where, backward_masks),
    Unusual("loop-and-common-denominator", forward_loop, backward_common_denominator),
]
