"""Subjects of linear_softmax_loss."""

import math

import numpy as np

from ._records import Unusual, Wrong
from .softmax_cross_entropy import log_softmax


def textbook(x, w, target, reg):
    total = 0.0
    for row, k in zip(x, target, strict=True):
        scores = [float(row @ column) for column in w.T]
        total += math.log(sum(math.exp(s) for s in scores)) - scores[k]
    return total / len(x) + reg * sum(v**2 for v in w.ravel())


def forward(x, w, target, reg=0.0):
    scores = x @ w
    losses = -log_softmax(scores)[np.arange(len(x)), target]
    return losses.sum() / len(x) + reg * (w * w).sum(), (x, w, scores, target, reg)


def gradients(dy, cache, penalty=2, mean=True):
    x, w, scores, target, reg = cache
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    hot = np.arange(w.shape[1]) == target[:, None]
    d = dy * (e / e.sum(axis=1, keepdims=True) - hot) / (len(x) if mean else 1)
    return d @ w.T, x.T @ d + penalty * dy * reg * w


def backward(dy, cache):
    return gradients(dy, cache)


def backward_penalty_once(dy, cache):
    return gradients(dy, cache, penalty=1)


def backward_mean_forgotten(dy, cache):
    return gradients(dy, cache, mean=False)


def backward_penalty_forgotten(dy, cache):
    return gradients(dy, cache, penalty=0)


def forward_penalty_over_n(x, w, target, reg=0.0):
    y, cache = forward(x, w, target, reg)
    return y + (1 / len(x) - 1) * reg * (w * w).sum(), cache


HELD = {"reg": 0.125}
WRONG = [
    Wrong("penalty-once", "dropped term", forward, backward_penalty_once, "dw", options=HELD),
    Wrong("mean-forgotten", "missing 1/n", forward, backward_mean_forgotten, "dx dw", options=HELD),
    Wrong(
        "penalty-forgotten",
        "dropped term",
        forward,
        backward_penalty_forgotten,
        "dw",
        options=HELD,
        says="the penalty's gradient is left out",
    ),
    Wrong(
        "penalty-over-n",
        "wrong n",
        forward_penalty_over_n,
        backward,
        "y",
        options=HELD,
        says="the penalty is divided by the number of examples",
    ),
]


def forward_take(x, w, target, reg=0.0):
    _y, cache = forward(x, w, target, reg)
    losses = np.take_along_axis(log_softmax(x @ w), target[:, None], axis=1)
    return reg * np.sum(np.square(w)) - losses.sum() / len(x), cache


def backward_dict(dy, cache):
    return dict(zip(("dx", "dw"), gradients(dy, cache), strict=True))


UNUSUAL = [
    Unusual("take-along-axis", forward_take, backward),
    Unusual("gradients-by-name", forward, backward_dict),
]
