"""Subjects of temporal_softmax_cross_entropy."""

import numpy as np

from ._records import LOGSUMEXP, Unusual, Wrong
from .softmax_cross_entropy import log_softmax, softmax_rows


def textbook(logits, target, mask):
    """One step of one sequence at a time."""
    loss = 0.0
    for n, t in np.ndindex(*mask.shape):
        if mask[n, t]:
            p = np.exp(logits[n, t]) / np.exp(logits[n, t]).sum()
            loss -= np.log(p[target[n, t]])
    return loss / len(logits)


def forward(logits, target, mask):
    rows = logits.reshape(-1, logits.shape[2])
    losses = -log_softmax(rows)[np.arange(len(rows)), target.ravel()]
    return (losses * mask.ravel()).sum() / len(logits), (rows, target, mask, logits.shape)


def backward(dy, cache):
    rows, target, mask, shape = cache
    d = softmax_rows(rows)
    d[np.arange(len(d)), target.ravel()] -= 1
    return ((d * mask.ravel()[:, None] * dy / shape[0]).reshape(shape),)


def backward_mask_forgotten(dy, cache):
    rows, target, mask, shape = cache
    return backward(dy, (rows, target, np.ones_like(mask), shape))


def backward_over_the_words(dy, cache):
    mask = cache[2]
    return (backward(dy, cache)[0] * (len(mask) / mask.sum(dtype=dy.dtype)),)


def backward_target_forgotten(dy, cache):
    rows, _, mask, shape = cache
    return ((softmax_rows(rows) * mask.ravel()[:, None] * dy / shape[0]).reshape(shape),)


def backward_turned(dy, cache):
    return (-backward(dy, cache)[0],)


def forward_over_the_words(logits, target, mask):
    loss, cache = forward(logits, target, mask)
    return loss * (len(mask) / mask.sum(dtype=logits.dtype)), cache


WRONG = [
    Wrong(
        "mask-forgotten",
        "wrong option",
        forward,
        backward_mask_forgotten,
        "dlogits",
        says="the backward does not leave the padded words out",
    ),
    Wrong(
        "divided-by-the-words",
        "wrong n",
        forward,
        backward_over_the_words,
        "dlogits",
        says="the backward divides by the number of words",
    ),
    Wrong("target-forgotten", "dropped term", forward, backward_target_forgotten, "dlogits"),
    Wrong("t-minus-p", "wrong sign", forward, backward_turned, "dlogits"),
    Wrong(
        "loss-over-the-words",
        "wrong forward",
        forward_over_the_words,
        backward_over_the_words,
        "y dlogits",
        says="the loss is divided by the number of words",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_of_the_chosen(logits, target, mask):
    """Only the steps that count, as a batch of rows."""
    losses = -log_softmax(logits[mask])[np.arange(mask.sum()), target[mask]]
    return losses.sum() / len(logits), (logits.reshape(-1, logits.shape[2]), target, mask, logits.shape)


def forward_logsumexp(logits, target, mask):
    _, cache = forward(logits, target, mask)
    top = logits.max(axis=2)
    logsumexp = top + np.log(np.exp(logits - top[..., None]).sum(axis=2))
    losses = logsumexp - np.take_along_axis(logits, target[..., None], axis=2)[..., 0]
    return (losses * mask).sum() / len(logits), cache


def backward_target_as_minus_the_others(dy, cache):
    rows, target, mask, shape = cache
    d = softmax_rows(rows)
    k = np.arange(len(d)), target.ravel()
    d[k] = 0
    d[k] = -d.sum(axis=1)
    return ((d * mask.ravel()[:, None] * dy / shape[0]).reshape(shape),)


UNUSUAL = [
    Unusual("the-chosen-rows", forward_of_the_chosen, backward_target_as_minus_the_others),
    Unusual("logsumexp-minus-score", forward_logsumexp, backward, cases=60, loses=LOGSUMEXP),
]
