"""Subjects of hinge: the multiclass loss of support vector machines."""

import numpy as np

from ._records import Unusual, Wrong


def forward(scores, target, margin=1.0, reduction="mean", per_class=False):
    rows = np.arange(len(scores))
    margins = np.maximum(0, scores - scores[rows, target][:, None] + margin)
    margins[rows, target] = 0
    n = (len(scores) if reduction == "mean" else 1) * (scores.shape[1] if per_class else 1)
    return margins.sum() / n, (margins > 0, target, n)


def backward(dy, cache):
    violated, target, n = cache
    d = violated.astype(dy.dtype)
    d[np.arange(len(d)), target] = -violated.sum(axis=1)
    return (d * (dy / n),)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_counts_right_class(scores, target, margin=1.0, reduction="mean", per_class=False):
    loss, cache = forward(scores, target, margin, reduction, per_class)
    n = cache[2]
    return loss + len(scores) * margin / n, cache


def forward_no_margin(scores, target, margin=1.0, reduction="mean", per_class=False):
    return forward(scores, target, 0.0, reduction, per_class)


def forward_per_class_ignored(scores, target, margin=1.0, reduction="mean", per_class=False):
    return forward(scores, target, margin, reduction, False)


def forward_over_c_less_one(scores, target, margin=1.0, reduction="mean", per_class=False):
    _, (violated, target, n) = forward(scores, target, margin, reduction, False)
    n *= max(scores.shape[1] - 1, 1) if per_class else 1
    return forward(scores, target, margin, "sum")[0] / n, (violated, target, n)


def forward_largest_only(scores, target, margin=1.0, reduction="mean", per_class=False):
    _, (violated, target, n) = forward(scores, target, margin, reduction, per_class)
    rows = np.arange(len(scores))
    margins = np.maximum(0, scores - scores[rows, target][:, None] + margin)
    margins[rows, target] = 0
    return margins.max(axis=1).sum() / n, (violated & (margins == margins.max(axis=1, keepdims=True)), target, n)


def forward_squared(scores, target, margin=1.0, reduction="mean", per_class=False):
    rows = np.arange(len(scores))
    margins = np.maximum(0, scores - scores[rows, target][:, None] + margin)
    margins[rows, target] = 0
    n = (len(scores) if reduction == "mean" else 1) * (scores.shape[1] if per_class else 1)
    return (margins**2).sum() / n, (margins > 0, target, n)


def backward_right_class_forgotten(dy, cache):
    violated, _, n = cache
    return (violated.astype(dy.dtype) * (dy / n),)


def backward_right_class_minus_one(dy, cache):
    violated, target, n = cache
    d = violated.astype(dy.dtype)
    d[np.arange(len(d)), target] = -1
    return (d * (dy / n),)


def backward_counts_columns(dy, cache):
    violated, target, n = cache
    d = violated.astype(dy.dtype)
    d[np.arange(len(d)), target] = -violated.sum(axis=0)[target]
    return (d * (dy / n),)


def backward_wrong_sign(dy, cache):
    return backward(-dy, cache)


def backward_mean_forgotten(dy, cache):
    return backward(dy, (*cache[:2], 1))


def backward_ignores_upstream(dy, cache):
    return backward(np.ones_like(dy), cache)


def backward_off_by_one(dy, cache):
    violated, target, n = cache
    d = violated.astype(dy.dtype)
    d[np.arange(len(d)), target] = -violated.sum(axis=1) - 1
    return (d * (dy / n),)


def backward_in_float64(dy, cache):
    return (backward(np.float64(dy), (cache[0], cache[1], cache[2]))[0].astype(np.float64),)


def backward_last_example(dy, cache):
    d = backward(dy, cache)[0]
    d[:-1] = 0
    return (d,)


def forward_two_thresholds(scores, target, margin=1.0, reduction="mean", per_class=False):
    loss, (_, target, n) = forward(scores, target, margin, reduction, per_class)
    excess = scores - scores[np.arange(len(scores)), target][:, None] + margin
    excess[np.arange(len(scores)), target] = -1
    return loss, (excess, target, n)


def backward_two_thresholds(dy, cache):
    excess, target, n = cache
    d = (excess >= 0).astype(dy.dtype)
    d[np.arange(len(d)), target] = -(excess > 0).sum(axis=1)
    return (d * (dy / n),)


WRONG = [
    Wrong(
        "two-thresholds-at-one-tie",
        "wrong side",
        forward_two_thresholds,
        backward_two_thresholds,
        "dscores",
        cases=24,
        says="forward and backward treat a score exactly at the margin differently",
    ),
    Wrong(
        "counts-the-right-class",
        "off by one",
        forward_counts_right_class,
        backward,
        "y",
        says="the right class counts as a violation of its own margin",
    ),
    Wrong("margin-ignored", "wrong option", forward_no_margin, backward, "y dscores", says="the margin is left out"),
    Wrong(
        "per-class-ignored",
        "wrong option",
        forward_per_class_ignored,
        backward,
        "y dscores",
        options={"per_class": True},
        says="the mean over the classes is ignored",
    ),
    Wrong(
        "over-c-less-one",
        "wrong n",
        forward_over_c_less_one,
        backward,
        "y dscores",
        options={"per_class": True},
        says="it is divided by C - 1, not by C",
    ),
    Wrong(
        "largest-violation-only",
        "wrong forward",
        forward_largest_only,
        backward,
        "y dscores",
        says="only the largest violation of a row counts",
    ),
    Wrong("squared-hinge", "wrong forward", forward_squared, backward, "y", says="the violations are squared"),
    Wrong(
        "right-class-forgotten",
        "dropped term",
        forward,
        backward_right_class_forgotten,
        "dscores",
        says="the right class gets no gradient",
    ),
    Wrong(
        "right-class-minus-one",
        "dropped term",
        forward,
        backward_right_class_minus_one,
        "dscores",
        says="the right class gets -1, not minus the number of violations",
    ),
    Wrong(
        "counts-over-columns",
        "wrong axis",
        forward,
        backward_counts_columns,
        "dscores",
        says="violations are counted over the columns, not over the rows",
    ),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dscores"),
    Wrong("mean-forgotten", "missing 1/n", forward, backward_mean_forgotten, "dscores", options={"reduction": "mean"}),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dscores", "not-linear"),
    Wrong(
        "one-violation-too-many",
        "off by one",
        forward,
        backward_off_by_one,
        "dscores",
        says="the right class's gradient counts one violation too many",
    ),
    Wrong("always-float64", "wrong dtype", forward, backward_in_float64, "dscores", "wrong-dtype"),
    Wrong(
        "last-example-only",
        "one row only",
        forward,
        backward_last_example,
        "dscores",
        says="only the last example gets a gradient",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_loops(scores, target, margin=1.0, reduction="mean", per_class=False):
    n, c = scores.shape
    loss = scores.dtype.type(0)
    for i in range(n):
        for j in range(c):
            if j != target[i]:
                loss += max(scores[i, j] - scores[i, target[i]] + margin, 0.0)
    divisor = (n if reduction == "mean" else 1) * (c if per_class else 1)
    return loss / divisor, {"scores": scores, "target": target, "margin": margin, "n": divisor}


def backward_loops(dy, cache):
    scores, target = cache["scores"], cache["target"]
    dscores = np.zeros_like(scores)
    for i, k in enumerate(target):
        for j in range(scores.shape[1]):
            if j != k and scores[i, j] - scores[i, k] + cache["margin"] > 0.0:
                dscores[i, j] += dy
                dscores[i, k] -= dy
    return (dscores / cache["n"],)


def forward_counting_ties(scores, target, margin=1.0, reduction="mean", per_class=False):
    wrong = np.arange(scores.shape[1]) != target[:, None]
    excess = (scores + margin) - np.take_along_axis(scores, target[:, None], axis=1)
    each = np.where(wrong, np.maximum(excess, 0), 0).sum(axis=1)
    loss = each.mean() if reduction == "mean" else each.sum()
    return (loss / scores.shape[1] if per_class else loss), (excess >= 0, wrong, reduction, per_class)


def backward_matrix(dy, cache):
    active, wrong, reduction, per_class = cache
    up = (active & wrong).astype(dy.dtype) * dy
    c = up.shape[1]
    matrices = np.eye(c, dtype=dy.dtype) - (~wrong)[:, None, :]
    d = np.einsum("nj,njk->nk", up, matrices.astype(dy.dtype))
    d /= len(up) if reduction == "mean" else 1
    return (np.asfortranarray(d / c if per_class else d),)


UNUSUAL = [
    Unusual("two-loops", forward_loops, backward_loops),
    Unusual("counts-ties-as-violations", forward_counting_ties, backward_matrix),
]
