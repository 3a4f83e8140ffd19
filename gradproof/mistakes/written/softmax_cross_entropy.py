"""Subjects of softmax_cross_entropy."""

import numpy as np

from ._records import LOGSUMEXP, Unusual, Wrong


def one_hot(target, labels, logits):
    return target if labels == "one_hot" else np.eye(logits.shape[1], dtype=logits.dtype)[target]


def log_softmax(z):
    top = z.argmax(axis=1)[:, None]
    shifted = z - np.take_along_axis(z, top, axis=1)
    others = np.exp(shifted)
    np.put_along_axis(others, top, 0, axis=1)
    return shifted - np.log1p(others.sum(axis=1, keepdims=True))


def forward(logits, target, labels="integer", reduction="mean"):
    t = one_hot(target, labels, logits)
    log_p = log_softmax(logits)
    n = len(logits) if reduction == "mean" else 1
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -(t * log_p).sum() / n, (p, t, n)


def backward(dy, cache):
    p, t, n = cache
    return (dy * (p - t) / n,)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_log_of_softmax(logits, target, labels="integer", reduction="mean"):
    _, (p, t, n) = forward(logits, target, labels, reduction)
    return -np.log((p * t).sum(axis=1)).sum() / n, (p, t, n)


def forward_no_shift(logits, target, labels="integer", reduction="mean"):
    _, cache = forward(logits, target, labels, reduction)
    e = np.exp(logits)
    log_p = np.log(e / e.sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(logits)), cache[1].argmax(axis=1)].sum() / cache[2], cache


def forward_epsilon(logits, target, labels="integer", reduction="mean"):
    _, (p, t, n) = forward(logits, target, labels, reduction)
    return -np.log((p * t).sum(axis=1) + 1e-5).sum() / n, (p, t, n)


def forward_tiny_epsilon(logits, target, labels="integer", reduction="mean"):
    _, (p, t, n) = forward(logits, target, labels, reduction)
    return -np.log((p * t).sum(axis=1) + 1e-8).sum() / n, (p, t, n)


def forward_over_everything(logits, target, labels="integer", reduction="mean"):
    loss, (p, t, n) = forward(logits, target, labels, reduction)
    c = p.shape[1] if reduction == "mean" else 1
    return loss / c, (p, t, n * c)


def forward_labels_from_one(logits, target, labels="integer", reduction="mean"):
    shifted = target - 1 if labels == "integer" else np.roll(target, -1, axis=1)
    return forward(logits, shifted, labels, reduction)


def forward_keeps_scores(logits, target, labels="integer", reduction="mean"):
    loss, (_, t, n) = forward(logits, target, labels, reduction)
    return loss, (logits, t, n)


def forward_wrong_axis(logits, target, labels="integer", reduction="mean"):
    loss, (_, t, n) = forward(logits, target, labels, reduction)
    e = np.exp(logits - logits.max(axis=0))
    return loss, (e / e.sum(axis=0), t, n)


def forward_l2(logits, target, labels="integer", reduction="mean"):
    loss, cache = forward(logits, target, labels, reduction)
    return loss + np.asarray(1e-6, logits.dtype) * (logits**2).sum(), cache


def backward_into_cache(dy, cache):
    p, t, n = cache
    p[np.arange(len(p)), t.argmax(axis=1)] -= 1
    return (p * dy / n,)


def backward_t_minus_p(dy, cache):
    p, t, n = cache
    return (dy * (t - p) / n,)


def backward_mean_forgotten(dy, cache):
    p, t, _ = cache
    return (dy * (p - t),)


def backward_over_everything(dy, cache):
    p, t, _ = cache
    return (dy * (p - t) / p.size,)


def backward_target_forgotten(dy, cache):
    p, _, n = cache
    return (dy * p / n,)


def backward_only_the_right_class(dy, cache):
    p, t, n = cache
    return (dy * t * (p - 1) / n,)


def backward_ignores_upstream(dy, cache):
    p, t, n = cache
    return ((p - t) / n,)


def backward_jacobian_again(dy, cache):
    p, t, n = cache
    up = dy * (p - t) / n
    return (p * (up - (up * p).sum(axis=1, keepdims=True)),)


def backward_keeps_buffer(dy, cache):
    p, t, n = cache
    out = _buffer.setdefault((p.shape, p.dtype), np.empty_like(p))
    np.subtract(p, t, out=out)
    out *= dy / n
    return (out,)


_buffer: dict = {}

WRONG = [
    Wrong("log-of-softmax", "unstable", forward_log_of_softmax, backward, "y", "non-finite"),
    Wrong("no-max-shift", "unstable", forward_no_shift, backward, "y", "non-finite"),
    Wrong("epsilon-in-the-log", "epsilon added", forward_epsilon, backward, "y"),
    Wrong(
        "tiny-epsilon-in-the-log",
        "epsilon added",
        forward_tiny_epsilon,
        backward,
        "y",
        says="1e-8 is added inside the logarithm",
    ),
    Wrong("over-n-times-c", "wrong n", forward_over_everything, backward, "y dlogits", options={"reduction": "mean"}),
    Wrong("labels-from-one", "off by one", forward_labels_from_one, backward, "y dlogits"),
    Wrong(
        "scores-as-probabilities",
        "derivative at the output",
        forward_keeps_scores,
        backward,
        "dlogits",
        says="the target is subtracted from the scores, not from their softmax",
    ),
    Wrong(
        "softmax-over-rows",
        "wrong axis",
        forward_wrong_axis,
        backward,
        "dlogits",
        says="the softmax runs over the rows (axis 0)",
    ),
    Wrong(
        "hidden-l2-term",
        "wrong forward",
        forward_l2,
        backward,
        "y",
        says="a penalty of the scores is added to the loss",
    ),
    Wrong(
        "minus-one-in-the-cache",
        "changes in place",
        forward,
        backward_into_cache,
        "dlogits",
        "mutated-cache",
        says="the backward subtracts 1 from the saved probabilities in place",
    ),
    Wrong("t-minus-p", "wrong sign", forward, backward_t_minus_p, "dlogits"),
    Wrong("mean-forgotten", "missing 1/n", forward, backward_mean_forgotten, "dlogits", options={"reduction": "mean"}),
    Wrong(
        "backward-over-n-times-c",
        "wrong n",
        forward,
        backward_over_everything,
        "dlogits",
        options={"reduction": "mean"},
        says="the backward divides by rows times classes",
    ),
    Wrong("target-forgotten", "dropped term", forward, backward_target_forgotten, "dlogits"),
    Wrong(
        "right-class-only",
        "dropped term",
        forward,
        backward_only_the_right_class,
        "dlogits",
        says="only the right class gets a gradient",
    ),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dlogits", "not-linear"),
    Wrong(
        "softmaxs-jacobian-again",
        "derivative at the output",
        forward,
        backward_jacobian_again,
        "dlogits",
        says="the softmax's Jacobian is applied once more; p - t holds it already",
    ),
    Wrong(
        "one-buffer-for-every-call",
        "aliasing",
        forward,
        backward_keeps_buffer,
        "dlogits",
        "alias",
        says="every call's gradient lies in one buffer",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def softmax_rows(z):
    return np.stack([np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row in z])


def forward_differences(logits, target, labels="integer", reduction="mean"):
    picked = target.argmax(axis=1) if labels == "one_hot" else target
    losses = []
    for row, k in zip(logits, picked, strict=True):
        away = np.delete(row, k) - row[k]  # log sum exp(z - z_k) = softplus of the log-sum-exp of the others
        top = away.max(initial=-np.inf)
        rest = top + np.log(np.exp(away - top).sum()) if away.size else -np.inf
        losses.append(np.logaddexp(0, rest) if away.size else row.dtype.type(0))
    total = np.sum(np.array(losses, dtype=logits.dtype))
    n = len(logits) if reduction == "mean" else 1
    return total / n, {"logits": logits, "picked": picked, "n": n}


def backward_on_a_copy(dy, cache):
    z, picked, n = cache["logits"], cache["picked"], cache["n"]
    d = softmax_rows(z)
    k = np.arange(len(z))
    others = np.where(np.arange(z.shape[1]) == picked[:, None], 0, d).sum(axis=1)
    d[k, picked] = -others
    return (np.asfortranarray(d * dy / n),)


def forward_logsumexp(logits, target, labels="integer", reduction="mean"):
    t = one_hot(target, labels, logits)
    top = logits.max(axis=1)
    logsumexp = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    losses = logsumexp - (logits * t).sum(axis=1)
    return losses.mean() if reduction == "mean" else losses.sum(), (logits, t, reduction)


def backward_p_minus_t(dy, cache):
    logits, t, reduction = cache
    dlogits = softmax_rows(logits)
    dlogits -= t
    dlogits *= dy / len(logits) if reduction == "mean" else dy
    return (dlogits,)


UNUSUAL = [
    Unusual("differences-to-the-right-class", forward_differences, backward_on_a_copy),
    Unusual("rows-and-augmented-assignment", forward, lambda dy, cache: backward(dy, cache)),
    Unusual("logsumexp-minus-score", forward_logsumexp, backward_p_minus_t, cases=60, loses=LOGSUMEXP),
]
