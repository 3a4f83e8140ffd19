"""Subjects of binary_cross_entropy_with_logits."""

import numpy as np

from ._records import EXP_OF_LOG, Unusual, Wrong


def divisor(z, reduction):
    return z.size if reduction == "mean" else 1


def forward(logits, target, reduction="mean"):
    z, n = logits, divisor(logits, reduction)
    each = np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))
    return each.sum() / n, (z, target, n)


def backward(dy, cache):
    z, t, n = cache
    sign = 1 - 2 * t  # sigmoid(z) - t is sign * sigmoid(sign * z) for t of 0 or 1
    e = np.exp(-np.abs(z))
    return (dy * sign * np.where(sign * z >= 0, 1, e) / (1 + e) / n,)


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_log_of_sigmoid(logits, target, reduction="mean"):
    p, n = sigmoid(logits), divisor(logits, reduction)
    with np.errstate(all="ignore"):
        return -(target * np.log(p) + (1 - target) * np.log(1 - p)).sum() / n, (logits, target, n)


def forward_exp_overflows(logits, target, reduction="mean"):
    n = divisor(logits, reduction)
    return (np.log(1 + np.exp(logits)) - logits * target).sum() / n, (logits, target, n)


def forward_targets_swapped(logits, target, reduction="mean"):
    return forward(logits, 1 - target, reduction)


def forward_epsilon(logits, target, reduction="mean"):
    p, n = sigmoid(logits), divisor(logits, reduction)
    return -(target * np.log(p + 1e-5) + (1 - target) * np.log(1 - p + 1e-5)).sum() / n, (logits, target, n)


def forward_over_rows(logits, target, reduction="mean"):
    loss, (z, t, _) = forward(logits, target, "sum")
    n = len(logits) if reduction == "mean" else 1
    return loss / n, (z, t, n)


def forward_returns_vector(logits, target, reduction="mean"):
    z, n = logits, divisor(logits, reduction)
    each = np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))
    return each.sum(axis=1) / n, (z, target, n)


def backward_sigmoid_minus_t(dy, cache):
    z, t, n = cache
    return (dy * (sigmoid(z) - t) / n,)


def backward_target_forgotten(dy, cache):
    z, _, n = cache
    return (dy * sigmoid(z) / n,)


def backward_times_derivative(dy, cache):
    z, t, n = cache
    p = sigmoid(z)
    return (dy * (p - t) * p * (1 - p) / n,)


def backward_logits_minus_t(dy, cache):
    z, t, n = cache
    return (dy * (z - t) / n,)


def backward_wrong_sign(dy, cache):
    return backward(-dy, cache)


def backward_mean_forgotten(dy, cache):
    z, t, _ = cache
    return backward(dy, (z, t, 1))


def backward_over_rows(dy, cache):
    z, t, _ = cache
    return backward(dy, (z, t, len(z)))


def backward_each_part(dy, cache):
    z, t, n = cache
    e = np.exp(-np.abs(z))
    return (dy * ((z > 0) - t - np.sign(z) * e / (1 + e)) / n,)


def backward_ignores_upstream(dy, cache):
    return backward(np.ones_like(dy), cache)


def backward_overflows(dy, cache):
    z, t, n = cache
    return (dy * (np.exp(z) / (1 + np.exp(z)) - t) / n,)


WRONG = [
    Wrong("log-of-sigmoid", "unstable", forward_log_of_sigmoid, backward, "y", "non-finite"),
    Wrong("exp-overflows", "unstable", forward_exp_overflows, backward, "y", "non-finite"),
    Wrong(
        "targets-swapped", "swapped", forward_targets_swapped, backward, "y dlogits", says="targets 0 and 1 are swapped"
    ),
    Wrong("epsilon-in-the-logs", "epsilon added", forward_epsilon, backward, "y"),
    Wrong("over-n-only", "wrong n", forward_over_rows, backward, "y dlogits", options={"reduction": "mean"}),
    Wrong(
        "one-loss-a-row",
        "wrong shape",
        forward_returns_vector,
        backward,
        "y",
        "wrong-shape",
        says="the loss is one number a row, not a scalar",
    ),
    Wrong(
        "sigmoid-minus-t",
        "unstable",
        forward,
        backward_sigmoid_minus_t,
        "dlogits",
        status="inaccurate",
        says="sigmoid - t loses its digits where the two nearly agree",
    ),
    Wrong("target-forgotten", "dropped term", forward, backward_target_forgotten, "dlogits"),
    Wrong(
        "sigmoids-derivative-again",
        "derivative at the output",
        forward,
        backward_times_derivative,
        "dlogits",
        says="the sigmoid's derivative p (1 - p) is applied once more; p - t holds it already",
    ),
    Wrong(
        "logits-minus-t",
        "derivative at the output",
        forward,
        backward_logits_minus_t,
        "dlogits",
        says="the target is subtracted from the logits, not from their sigmoid",
    ),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dlogits"),
    Wrong("mean-forgotten", "missing 1/n", forward, backward_mean_forgotten, "dlogits", options={"reduction": "mean"}),
    Wrong(
        "backward-over-n-only",
        "wrong n",
        forward,
        backward_over_rows,
        "dlogits",
        options={"reduction": "mean"},
        says="the backward divides by the rows only",
    ),
    Wrong("each-parts-derivative-at-zero", "wrong side", forward, backward_each_part, "dlogits"),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dlogits", "not-linear"),
    Wrong(
        "backward-overflows",
        "unstable",
        forward,
        backward_overflows,
        "dlogits",
        "non-finite",
        says="the sigmoid of the backward overflows",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_logaddexp(logits, target, reduction="mean"):
    each = np.logaddexp(0, (1 - 2 * target) * logits)
    loss = np.mean(each) if reduction == "mean" else np.sum(each)
    return loss, {"z": logits, "t": target, "n": divisor(logits, reduction)}


def backward_by_target(dy, cache):
    z, t, n = cache["z"], cache["t"], cache["n"]
    dz = np.zeros_like(z, order="F")
    ones = t == 1
    dz[ones] = -sigmoid(-z[ones])
    dz[~ones] = sigmoid(z[~ones])
    dz /= n
    dz *= dy
    return (dz,)


def forward_loop(logits, target, reduction="mean"):
    total = logits.dtype.type(0)
    for z, t in zip(logits.flat, target.flat, strict=True):
        m = -z if t > 0.5 else z
        total += np.maximum(m, 0.0) + np.log1p(np.exp(-abs(m)))
    return total / divisor(logits, reduction), (logits, target, divisor(logits, reduction))


def backward_signed(dy, cache):
    z, t, n = cache
    m = np.where(t == 1, -z, z)
    return (np.where(t == 1, -1.0, 1.0).astype(z.dtype) * np.exp(-np.logaddexp(0, -m)) * dy / n,)


UNUSUAL = [
    Unusual("logaddexp-and-masks", forward_logaddexp, backward_by_target),
    Unusual("loop-and-signed-margin", forward_loop, backward_signed, cases=60, loses=EXP_OF_LOG),
]
