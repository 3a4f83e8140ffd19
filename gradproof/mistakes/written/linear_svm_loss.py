"""Subjects of linear_svm_loss."""

import numpy as np

from ._records import Unusual, Wrong


def textbook(x, w, target, reg):
    total = 0.0
    for row, k in zip(x, target, strict=True):
        scores = [float(row @ column) for column in w.T]
        total += sum(max(0.0, s - scores[k] + 1) for j, s in enumerate(scores) if j != k)
    return total / len(x) + reg * sum(v**2 for v in w.ravel())


def forward(x, w, target, reg=0.0):
    scores = x @ w
    right = np.arange(w.shape[1]) == target[:, None]
    excess = scores - scores[np.arange(len(x)), target][:, None] + 1
    violated = (excess > 0) & ~right
    return (excess * violated).sum() / len(x) + reg * (w * w).sum(), (x, w, violated, right, reg)


def gradients(dy, cache, penalty=2, to_right=1):
    x, w, violated, right, reg = cache
    up = dy * violated / len(x)
    d = up - to_right * (right * up.sum(axis=1, keepdims=True))
    return d @ w.T, x.T @ d + penalty * dy * reg * w


def backward(dy, cache):
    return gradients(dy, cache)


def backward_penalty_once(dy, cache):
    return gradients(dy, cache, penalty=1)


def backward_right_class_left(dy, cache):
    return gradients(dy, cache, to_right=0)


def backward_right_class_minus_one(dy, cache):
    x, w, violated, right, reg = cache
    d = dy * (violated * 1.0 - right) / len(x)
    return d @ w.T, x.T @ d + 2 * dy * reg * w


def forward_right_class_counted(x, w, target, reg=0.0):
    y, cache = forward(x, w, target, reg)
    return y + 1, cache


def forward_half_penalty(x, w, target, reg=0.0):
    y, cache = forward(x, w, target, reg)
    return y - reg * (w * w).sum() / 2, cache


HELD = {"reg": 0.125}
WRONG = [
    Wrong("penalty-once", "dropped term", forward, backward_penalty_once, "dw", options=HELD),
    Wrong(
        "right-class-minus-one",
        "dropped term",
        forward,
        backward_right_class_minus_one,
        "dx dw",
        options=HELD,
        says="the right class gets -1, not minus the number of violations",
    ),
    Wrong(
        "right-class-left",
        "dropped term",
        forward,
        backward_right_class_left,
        "dx dw",
        options=HELD,
        says="the right class's column gets no gradient",
    ),
    Wrong(
        "right-class-counted",
        "off by one",
        forward_right_class_counted,
        backward,
        "y",
        options=HELD,
        says="the right class counts as a violation",
    ),
    Wrong(
        "half-the-penalty",
        "wrong forward",
        forward_half_penalty,
        backward,
        "y",
        options=HELD,
        says="the penalty has a factor 1/2",
    ),
]


def forward_maximum(x, w, target, reg=0.0):
    _, cache = forward(x, w, target, reg)
    scores = x @ w
    own = np.take_along_axis(scores, target[:, None], axis=1)
    losses = np.maximum(scores - own + 1, 0) * ~cache[3]
    return losses.sum() / len(x) + reg * np.sum(w**2), cache


def backward_dict(dy, cache):
    return dict(zip(("dx", "dw"), gradients(dy, cache), strict=True))


UNUSUAL = [
    Unusual("maximum-and-mask", forward_maximum, backward),
    Unusual("gradients-by-name", forward, backward_dict),
]
