"""Subjects of categorical_cross_entropy."""

import numpy as np

from ._records import Unusual, Wrong


def one_hot(target, labels, p):
    return target if labels == "one_hot" else np.eye(p.shape[1], dtype=p.dtype)[target]


def forward(p, target, labels="integer", reduction="mean", normalize=False):
    t = one_hot(target, labels, p)
    total = p.sum(axis=1, keepdims=True)
    n = len(p) if reduction == "mean" else 1
    log_p = np.log(p / total) if normalize else np.log(p)
    return -(t * log_p).sum() / n, (p, t, total if normalize else None, n)


def backward(dy, cache):
    p, t, total, n = cache
    return (dy * ((0 if total is None else 1 / total) - t / p) / n,)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_over_everything(p, target, labels="integer", reduction="mean", normalize=False):
    _, (_, t, total, n) = forward(p, target, labels, reduction, normalize)
    n = p.size if reduction == "mean" else 1
    return -(t * np.log(p if total is None else p / total)).sum() / n, (p, t, total, n)


def forward_epsilon(p, target, labels="integer", reduction="mean", normalize=False):
    t = one_hot(target, labels, p)
    _, cache = forward(p, target, labels, reduction, normalize)
    total = cache[2]
    return -(t * np.log((p if total is None else p / total) + 1e-7)).sum() / cache[3], cache


def forward_normalize_ignored(p, target, labels="integer", reduction="mean", normalize=False):
    return forward(p, target, labels, reduction, False)


def forward_always_normalizes(p, target, labels="integer", reduction="mean", normalize=False):
    return forward(p, target, labels, reduction, True)


def forward_labels_from_one(p, target, labels="integer", reduction="mean", normalize=False):
    shifted = target - 1 if labels == "integer" else np.roll(target, -1, axis=1)
    return forward(p, shifted, labels, reduction, normalize)


def forward_base_two(p, target, labels="integer", reduction="mean", normalize=False):
    loss, cache = forward(p, target, labels, reduction, normalize)
    return loss / np.log(np.asarray(2, dtype=p.dtype)), cache


def forward_normalizes_columns(p, target, labels="integer", reduction="mean", normalize=False):
    _, (p, t, total, n) = forward(p, target, labels, reduction, normalize)
    total = p.sum(axis=0, keepdims=True)
    return -(t * np.log(p / total)).sum() / n, (p, t, total, n)


def forward_integers_fail(p, target, labels="integer", reduction="mean", normalize=False):
    if target.shape != p.shape:
        raise ValueError("operands could not be broadcast together")
    return forward(p, target, "one_hot", reduction, normalize)


def forward_normalizes_in_place(p, target, labels="integer", reduction="mean", normalize=False):
    if normalize:
        p *= 0.5
    return forward(p, target, labels, reduction, normalize)


def backward_wrong_sign(dy, cache):
    return backward(-dy, cache)


def backward_one_term(dy, cache):
    p, t, _, n = cache
    return (-dy * t / p / n,)


def backward_p_minus_t(dy, cache):
    p, t, _, n = cache
    return (dy * (p - t) / n,)


def backward_minus_t(dy, cache):
    _, t, _, n = cache
    return (-dy * t / n,)


def backward_mean_forgotten(dy, cache):
    return backward(dy, (*cache[:3], 1))


def backward_ignores_upstream(dy, cache):
    return backward(1.0, cache)


def backward_binary(dy, cache):
    p, t, _, n = cache
    return (dy * ((1 - t) / (1 - p) - t / p) / n,)


WRONG = [
    Wrong("over-n-times-c", "wrong n", forward_over_everything, backward, "y dp", options={"reduction": "mean"}),
    Wrong("epsilon-in-the-log", "epsilon added", forward_epsilon, backward, "y"),
    Wrong(
        "normalize-ignored",
        "wrong option",
        forward_normalize_ignored,
        backward,
        "y dp",
        options={"normalize": True},
        says="the rows are not divided by their sums first",
    ),
    Wrong(
        "always-normalizes",
        "wrong option",
        forward_always_normalizes,
        backward,
        "dp",
        options={"normalize": False},
        says="the backward divides the rows by their sums even where the forward does not",
    ),
    Wrong("labels-from-one", "off by one", forward_labels_from_one, backward, "y dp"),
    Wrong("base-two", "wrong base", forward_base_two, backward, "y"),
    Wrong(
        "normalizes-columns",
        "wrong axis",
        forward_normalizes_columns,
        backward,
        "y dp",
        options={"normalize": True},
        says="columns are divided by their sums, not rows",
    ),
    Wrong(
        "one-hot-only",
        "raises",
        forward_integers_fail,
        backward,
        "y",
        status="broken",
        options={"labels": "integer"},
        says="the code works for one-hot targets only",
    ),
    Wrong(
        "halves-p-in-place",
        "changes in place",
        forward_normalizes_in_place,
        backward,
        "y dp",
        "mutated-input",
        options={"normalize": True},
        says="p is changed in place",
    ),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dp"),
    Wrong(
        "sums-term-forgotten",
        "dropped term",
        forward,
        backward_one_term,
        "dp",
        options={"normalize": True},
        says="the derivative of the row's sum is left out",
    ),
    Wrong(
        "p-minus-t",
        "derivative at the output",
        forward,
        backward_p_minus_t,
        "dp",
        says="dp is p - t, which is the gradient by the scores before the softmax",
    ),
    Wrong("division-by-p-forgotten", "dropped term", forward, backward_minus_t, "dp", says="dp is not divided by p"),
    Wrong("mean-forgotten", "missing 1/n", forward, backward_mean_forgotten, "dp", options={"reduction": "mean"}),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dp", "not-linear"),
    Wrong(
        "binary-cross-entropys",
        "swapped",
        forward,
        backward_binary,
        "dp",
        options={"normalize": False},
        says="it is the gradient of the binary cross-entropy",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_loop(p, target, labels="integer", reduction="mean", normalize=False):
    picked = [int(np.argmax(t)) if labels == "one_hot" else int(t) for t in target]
    total = p.dtype.type(0)
    for row, k in zip(p, picked, strict=True):
        total -= np.log(row[k] / row.sum()) if normalize else np.log(row[k])
    n = len(p) if reduction == "mean" else 1
    return total / n, {"p": p, "picked": picked, "normalize": normalize, "n": n}


def backward_add_at(dy, cache):
    p, picked = cache["p"], cache["picked"]
    rows = np.arange(len(p))
    dp = np.zeros_like(p)
    if cache["normalize"]:
        dp += (1.0 / p.sum(axis=1))[:, np.newaxis]
    np.add.at(dp, (rows, picked), -1.0 / p[rows, picked])
    return (dp * dy / cache["n"],)


def forward_differences(p, target, labels="integer", reduction="mean", normalize=False):
    t = one_hot(target, labels, p).astype(bool)
    q = np.divide(p, np.sum(p, axis=1, keepdims=True)) if normalize else p
    each = -np.log(q, where=t, out=np.zeros_like(p))
    loss = np.sum(each)
    return (loss / len(p) if reduction == "mean" else loss), (p, t, normalize, reduction)


def backward_stack(dy, cache):
    p, t, normalize, reduction = cache
    rows = []
    for row, chosen in zip(p, t, strict=True):
        start = np.full_like(row, 1 / row.sum()) if normalize else np.zeros_like(row)
        start[chosen] -= 1 / row[chosen]
        rows.append(start * dy)
    dp = np.stack(rows)
    return (dp / len(p) if reduction == "mean" else dp,)


UNUSUAL = [
    Unusual("loop-and-add-at", forward_loop, backward_add_at),
    Unusual("log-where-and-stack", forward_differences, backward_stack),
]
